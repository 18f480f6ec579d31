using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Training;

/// <summary>A layer in training, its bias the last weight column against a constant input 1; allocated once. Samples are rows.</summary>
internal class BiasedLayer
{
    private readonly Matrix _product;
    private readonly Matrix _deviation;
    private int _rows;

    /// <param name="layer">Shape, activation and first weights.</param>
    /// <param name="maxBatch">The most samples.</param>
    public BiasedLayer(Layer layer, int maxBatch)
    {
        Activation = layer.Activation;
        Inputs = layer.Inputs;
        Outputs = layer.Outputs;
        Weights = new Matrix(Outputs, Inputs + 1);
        layer.Weights.CopyTo(WeightsWithoutBias);
        for (int unit = 0; unit < layer.Bias.Length; unit++) Weights.View[unit, Inputs] = layer.Bias[unit];
        (InputBuffer, _product, _deviation) = Activations(maxBatch);
    }

    /// <param name="shared">The layer whose weights it has, with activations of its own.</param>
    /// <param name="maxBatch">The most samples.</param>
    protected BiasedLayer(BiasedLayer shared, int maxBatch)
    {
        (Activation, Inputs, Outputs, Weights) = (shared.Activation, shared.Inputs, shared.Outputs, shared.Weights);
        (InputBuffer, _product, _deviation) = Activations(maxBatch);
    }

    /// <summary>φ of the layer's output.</summary>
    public Activation Activation { get; }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>W [outputs × (inputs + 1)].</summary>
    public Matrix Weights { get; }

    /// <summary>The memory of <see cref="Input"/>.</summary>
    public Matrix InputBuffer { get; }

    /// <summary>H = [X, 1] as [m × (inputs + 1)].</summary>
    public MatrixView Input => InputBuffer.Top(_rows);

    /// <summary>U = H·Wᵀ [m × outputs].</summary>
    public MatrixView Product => _product.Top(_rows);

    /// <summary>How far the output is from where it should be [m × outputs]: D = φ(U) − X⁺, or with back-propagation ∂ℓ/∂U.</summary>
    public MatrixView Deviation => _deviation.Top(_rows);

    /// <summary>W without the biases [outputs × inputs].</summary>
    public MatrixView WeightsWithoutBias => Weights.View.SliceCols(0, Inputs);

    /// <summary>Sets the batch's size.</summary>
    public void SetRows(int rows) => _rows = rows;

    /// <summary>Memory for the values of samples, each with a one behind it [samples × (values + 1)].</summary>
    public static Matrix WithOnes(int samples, int values)
    {
        var matrix = new Matrix(samples, values + 1);
        for (int row = 0; row < samples; row++) matrix.View[row, values] = 1f;
        return matrix;
    }

    private (Matrix Input, Matrix Product, Matrix Deviation) Activations(int maxBatch) =>
        (WithOnes(maxBatch, Inputs), new Matrix(maxBatch, Outputs), new Matrix(maxBatch, Outputs));

    /// <summary>The layer of some weights [outputs × (inputs + 1)].</summary>
    public Layer ToLayer(ReadOnlyMatrixView weights)
    {
        float[] bias = new float[Outputs];
        for (int unit = 0; unit < bias.Length; unit++) bias[unit] = weights[unit, Inputs];
        return new Layer(weights.SliceCols(0, Inputs), bias, Activation);
    }
}
