using Lpom.Simd.Kernels.Memory;

namespace Lpom.Bench;

/// <summary>The numbers that are measured with: the same sequence every time, uniform in [−1, 1).</summary>
internal static class Noise
{
    /// <summary>Overwrites the values.</summary>
    public static void Fill(Span<float> values)
    {
        uint state = 1;
        foreach (ref float value in values)
        {
            state = unchecked((state * 1664525) + 1013904223);
            value = ((state >> 8) / (float)(1 << 23)) - 1;
        }
    }

    /// <summary>A matrix [rows × cols] of them.</summary>
    public static Matrix Matrix(int rows, int cols)
    {
        Matrix matrix = new(rows, cols);
        float[] values = new float[rows * cols];
        Fill(values);
        new ReadOnlyMatrixView(values, rows, cols).CopyTo(matrix.View);
        return matrix;
    }
}
