using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Training.Inputs;

namespace Lpom.Simd.Tests.Training;

/// <summary>A matrix as a data set.</summary>
internal sealed class MatrixRows(Matrix matrix) : ISampleRows
{
    public int Rows => matrix.Rows;

    public int Features => matrix.Cols;

    public void CopyInputs(int firstRow, int count, Span<float> destination, int stride)
    {
        for (int i = 0; i < count; i++) matrix.View.Row(firstRow + i).CopyTo(destination[(i * stride)..]);
    }
}
