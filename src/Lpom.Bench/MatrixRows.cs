using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Training.Inputs;

namespace Lpom.Bench;

/// <summary>A matrix as training rows.</summary>
internal sealed class MatrixRows(Matrix rows) : ISampleRows
{
    /// <inheritdoc />
    public int Rows => rows.Rows;

    /// <inheritdoc />
    public int Features => rows.Cols;

    /// <inheritdoc />
    public void CopyInputs(int firstRow, int count, Span<float> destination, int stride)
    {
        for (int i = 0; i < count; i++) rows.View.Row(firstRow + i).CopyTo(destination[(i * stride)..]);
    }
}
