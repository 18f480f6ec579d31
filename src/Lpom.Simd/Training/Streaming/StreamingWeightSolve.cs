using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;

namespace Lpom.Simd.Training.Streaming;

/// <summary>
/// STAGE 4 in streaming mode: one step of the weight solve (8) in the metric of all the data seen, within the trust bound:
/// U′ = G(A + λI)⁻¹ with G = DᵀH/m; q = (η/amp)√(⟨G, U′⟩/outputs) bounds the change of the pre-activations that the step predicts,
/// and the step is multiplied by min(1, κ/q). V ← momentum·V + (1 − momentum)·(η s min(1, κ/q)/amp)·U′/β; W ← (W − V)(1 − decay·s).
/// </summary>
internal sealed class StreamingWeightSolve
{
    private const double Tiny = 1e-30;

    private readonly StreamingOptions _options;
    private readonly float _firstLambda;
    private readonly SharedMatrix _gradient = new();
    private readonly SharedMatrix _solved = new();
    private readonly SharedMatrix _products = new();

    /// <param name="layers">The layers to make room for.</param>
    /// <param name="options">The settings.</param>
    /// <param name="firstLambda">λ of the first layer, on whitened rows: its (A + λI)⁻¹ is 1/λ.</param>
    public StreamingWeightSolve(ReadOnlySpan<StreamingLayer> layers, StreamingOptions options, float firstLambda)
    {
        _options = options;
        _firstLambda = firstLambda;
        foreach (StreamingLayer layer in layers)
        {
            _gradient.Reserve(layer.Outputs, layer.Inputs + 1);
            if (layer.Gram is null) continue;
            // A smaller batch may take the other side.
            _solved.Reserve(options.MaxBatch, layer.Inputs + 1);
            // The products of m × m stand for wide layers alone: fewer samples than outputs.
            int samples = Math.Min(options.MaxBatch, layer.Outputs - 1);
            if (samples > 0) _products.Reserve(2 * samples, samples);
        }
    }

    /// <summary>Takes the step of a layer.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="layer">The layer; its deviation and input stand for the batch.</param>
    /// <param name="scale">The schedule's s.</param>
    /// <returns>False, and the weights stay, when the prediction is not finite.</returns>
    public bool Apply(KernelContext context, StreamingLayer layer, float scale)
    {
        MatrixView step = Direction(context, layer, out double predicted);
        if (!double.IsFinite(predicted)) return false;
        double rate = _options.LearningRate * _options.Mu;
        double q = rate * Math.Sqrt(Math.Max(predicted, 0) / layer.Outputs);
        double trust = Math.Min(1, _options.TrustRadius / (q + Tiny));
        float size = (float)((1 - _options.Momentum) * rate * scale * trust / layer.Activation.Lipschitz);
        var momentum = new MomentumStep(_options.Momentum, size, 1 - (_options.WeightDecay * scale));
        Map.TernaryPair(context, momentum, layer.Velocity.View, layer.Weights.View, step, layer.Velocity.View, layer.Weights.View);
        return true;
    }

    // U′ and ⟨G, U′⟩, by the smaller product with the inverse: G's rows or H's.
    private MatrixView Direction(KernelContext context, StreamingLayer layer, out double predicted)
    {
        MatrixView gradient = _gradient.View(layer.Outputs, layer.Inputs + 1);
        float perSample = 1f / layer.Input.Rows;
        if (layer.Gram is null)
        {
            Gemm.Multiply(context, GemmForm.TN, layer.Deviation, layer.Input, gradient, perSample / _firstLambda);
            predicted = _firstLambda * Reduce.SumSquares(context, gradient);
            return gradient;
        }
        if (layer.Outputs <= layer.Input.Rows)
        {
            MatrixView solved = _solved.View(layer.Outputs, layer.Inputs + 1);
            Gemm.Multiply(context, GemmForm.TN, layer.Deviation, layer.Input, gradient, perSample);
            layer.Gram.Inverse.Apply(context, gradient, solved);
            predicted = Reduce.Dot(context, gradient, solved);
            return solved;
        }
        MatrixView inputs = _solved.View(layer.Input.Rows, layer.Inputs + 1);
        layer.Gram.Inverse.Apply(context, layer.Input, inputs);
        predicted = Predicted(context, layer, inputs);
        Gemm.Multiply(context, GemmForm.TN, layer.Deviation, inputs, gradient, perSample);
        return gradient;
    }

    // ⟨DᵀH, DᵀH′⟩/m² = ⟨H·H′ᵀ, D·Dᵀ⟩/m² for H′ = H(A + λI)⁻¹: products of m × m.
    private double Predicted(KernelContext context, StreamingLayer layer, ReadOnlyMatrixView inputs)
    {
        int m = inputs.Rows;
        MatrixView both = _products.View(2 * m, m);
        MatrixView ofInputs = both.SliceRows(0, m), ofDeviations = both.SliceRows(m, m);
        Gemm.Multiply(context, GemmForm.NT, layer.Input, inputs, ofInputs);
        Syrk.Gram(context, layer.Deviation, ofDeviations);
        return Reduce.Dot(context, ofInputs, ofDeviations) / ((double)m * m);
    }
}
