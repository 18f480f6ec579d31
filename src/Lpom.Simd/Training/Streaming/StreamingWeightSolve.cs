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
/// <remarks>
/// In three parts, of a layer's units and of the batch's rows: ranks may each do some, and bring together in between what a part made.
/// </remarks>
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

    /// <summary>The first part: the metric's product with units' gradients, or with rows of the layer's input where those are fewer.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="layer">The layer; its deviation and input stand for the batch.</param>
    /// <param name="units">Those of the layer's units that are done here.</param>
    /// <param name="rows">Those of the batch's rows that are done here.</param>
    public void Begin(KernelContext context, StreamingLayer layer, RowRange units, RowRange rows)
    {
        if (SolvesInputs(layer))
        {
            if (rows.Count == 0) return;
            MatrixView solved = Solved(layer).SliceRows(rows.First, rows.Count);
            layer.Gram!.Inverse.Apply(context, layer.Input.SliceRows(rows.First, rows.Count), solved);
            Gemm.Multiply(context, GemmForm.NT, solved, layer.Input, Products(layer).SliceRows(rows.First, rows.Count));
            return;
        }
        MatrixView gradient = Gradient(layer, units);
        Gemm.Multiply(context, GemmForm.TN, DeviationOf(layer, units), layer.Input, gradient, 1f / layer.Input.Rows);
        if (layer.Gram is not null) layer.Gram.Inverse.Apply(context, gradient, SolvedGradient(layer, units));
    }

    /// <summary>H′ = H(A + λI)⁻¹ [m × (inputs + 1)], of which the first part makes its rows and the others need all; of no rows where units alone are divided.</summary>
    /// <param name="layer">That of the first part.</param>
    public MatrixView Inputs(StreamingLayer layer) => SolvesInputs(layer) ? Solved(layer) : default;

    /// <summary>The same of H′·Hᵀ [m × m].</summary>
    /// <param name="layer">That of the first part.</param>
    public MatrixView InputProducts(StreamingLayer layer) => SolvesInputs(layer) ? Products(layer) : default;

    /// <summary>The second part: ⟨G, U′⟩ of some units.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="layer">That of the first part.</param>
    /// <param name="units">The same.</param>
    public double Predicted(KernelContext context, StreamingLayer layer, RowRange units)
    {
        if (SolvesInputs(layer)) return PredictedOfProducts(context, layer, units);
        MatrixView gradient = Gradient(layer, units);
        // U′ of the first layer is G/λ.
        return layer.Gram is null ? Reduce.SumSquares(context, gradient) / _firstLambda : Reduce.Dot(context, gradient, SolvedGradient(layer, units));
    }

    /// <summary>The third part: the step of some units.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="units">The same as in the first part.</param>
    /// <param name="predicted">⟨G, U′⟩ of all units.</param>
    /// <param name="scale">The schedule's s.</param>
    /// <returns>False, and the weights stay, when the prediction is not finite.</returns>
    public bool End(KernelContext context, StreamingLayer layer, RowRange units, double predicted, float scale)
    {
        if (!double.IsFinite(predicted)) return false;
        double rate = _options.LearningRate * _options.Mu;
        double q = rate * Math.Sqrt(Math.Max(predicted, 0) / layer.Outputs);
        double trust = Math.Min(1, _options.TrustRadius / (q + Tiny));
        double size = (1 - _options.Momentum) * rate * scale * trust / layer.Activation.Lipschitz;
        var momentum = new MomentumStep(_options.Momentum, (float)(layer.Gram is null ? size / _firstLambda : size), 1 - (_options.WeightDecay * scale));
        MatrixView velocity = layer.Velocity.View.SliceRows(units.First, units.Count), weights = layer.Weights.View.SliceRows(units.First, units.Count);
        Map.TernaryPair(context, momentum, velocity, weights, Direction(context, layer, units), velocity, weights);
        return true;
    }

    /// <summary>All three parts, of a whole layer and batch.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="scale">The schedule's s.</param>
    /// <returns>False, and the weights stay, when the prediction is not finite.</returns>
    public bool Solve(KernelContext context, StreamingLayer layer, float scale)
    {
        var units = new RowRange(0, layer.Outputs);
        Begin(context, layer, units, new RowRange(0, layer.Input.Rows));
        return End(context, layer, units, Predicted(context, layer, units), scale);
    }

    // The smaller of the metric's products: with H rather than G.
    private static bool SolvesInputs(StreamingLayer layer) => layer.Gram is not null && layer.Outputs > layer.Input.Rows;

    private static MatrixView DeviationOf(StreamingLayer layer, RowRange units) => layer.Deviation.SliceCols(units.First, units.Count);

    private MatrixView Gradient(StreamingLayer layer, RowRange units) => _gradient.View(units.Count, layer.Inputs + 1);

    // Of all the batch's rows.
    private MatrixView Solved(StreamingLayer layer) => _solved.View(layer.Input.Rows, layer.Inputs + 1);

    // No more units than rows.
    private MatrixView SolvedGradient(StreamingLayer layer, RowRange units) => _solved.View(units.Count, layer.Inputs + 1);

    private ReadOnlyMatrixView Direction(KernelContext context, StreamingLayer layer, RowRange units)
    {
        if (!SolvesInputs(layer)) return layer.Gram is null ? Gradient(layer, units) : SolvedGradient(layer, units);
        MatrixView gradient = Gradient(layer, units);
        Gemm.Multiply(context, GemmForm.TN, DeviationOf(layer, units), Solved(layer), gradient, 1f / layer.Input.Rows);
        return gradient;
    }

    // Products of m × m: H′·Hᵀ, and below it D·Dᵀ.
    private MatrixView Products(StreamingLayer layer) => _products.View(2 * layer.Input.Rows, layer.Input.Rows).SliceRows(0, layer.Input.Rows);

    // ⟨DᵀH, DᵀH′⟩/m² = ⟨H′·Hᵀ, D·Dᵀ⟩/m².
    private double PredictedOfProducts(KernelContext context, StreamingLayer layer, RowRange units)
    {
        int m = layer.Input.Rows;
        MatrixView ofDeviations = _products.View(2 * m, m).SliceRows(m, m);
        Syrk.Gram(context, DeviationOf(layer, units), ofDeviations);
        return Reduce.Dot(context, Products(layer), ofDeviations) / ((double)m * m);
    }
}
