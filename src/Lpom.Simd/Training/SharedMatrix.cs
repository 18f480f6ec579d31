using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Training;

/// <summary>Memory that layers of different shapes use one after the other; grows to the largest shape asked for before training.</summary>
internal sealed class SharedMatrix
{
    private AlignedBuffer _buffer = new(0);
    private int _length;

    /// <summary>Makes room for a shape; the contents are lost.</summary>
    public void Reserve(int rows, int cols)
    {
        int length = checked(rows * Matrix.StrideFor(cols));
        if (length <= _length) return;
        _length = length;
        _buffer = new AlignedBuffer(length);
    }

    /// <summary>The memory as a matrix of a reserved shape, or a smaller one.</summary>
    public MatrixView View(int rows, int cols) => new(_buffer.Span, rows, cols, Matrix.StrideFor(cols));
}
