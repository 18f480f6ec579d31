namespace Lpom.Simd.Kernels.Memory;

/// <summary>The checks of a strided matrix's shape, and what they throw.</summary>
internal static class MatrixShape
{
    public static void Check(int length, int rows, int cols, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(cols);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, cols);
        long needed = rows == 0 ? 0 : ((long)(rows - 1) * stride) + cols;
        if (length < needed)
            throw new ArgumentException($"A matrix [{rows} × {cols}] with stride {stride} needs {needed} floats, not {length}.", nameof(length));
    }

    public static void CheckSlice(int first, int count, int size)
    {
        if (first < 0 || count < 0 || first > size - count)
            throw new ArgumentOutOfRangeException(nameof(first), $"The slice {first}…{first + count - 1} is outside of 0…{size - 1}.");
    }

    public static InvalidOperationException NotDense() => new("The matrix has gaps between its rows.");
}
