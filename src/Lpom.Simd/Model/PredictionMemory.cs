using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Model;

/// <summary>What a forward pass writes to besides the scores: inputs that are not taken as they are, and two layers' activations in turn.</summary>
internal readonly ref struct PredictionMemory
{
    private readonly Span<float> _memory;
    private readonly int _rows;
    private readonly int _inputStride;
    private readonly int _stride;

    /// <param name="network">The network.</param>
    /// <param name="rows">Samples of the batch.</param>
    /// <param name="memory">At least <see cref="Length"/> floats.</param>
    public PredictionMemory(Network network, int rows, Span<float> memory)
    {
        _memory = memory;
        _rows = rows;
        _inputStride = Matrix.StrideFor(network.Inputs);
        _stride = Matrix.StrideFor(network.WidestOutput);
    }

    /// <summary>Floats for a batch.</summary>
    /// <exception cref="OverflowException">2³¹ or more.</exception>
    public static int Length(Network network, int rows) =>
        checked(rows * (Matrix.StrideFor(network.Inputs) + (2 * Matrix.StrideFor(network.WidestOutput))));

    /// <summary>Room for inputs [rows × cols].</summary>
    public MatrixView Inputs(int cols) => new(_memory, _rows, cols, _inputStride);

    /// <summary>Room for a layer's activations [rows × cols]; the layer before has other memory.</summary>
    public MatrixView Activations(int layer, int cols) => new(_memory[(_rows * (_inputStride + (layer % 2 * _stride)))..], _rows, cols, _stride);
}
