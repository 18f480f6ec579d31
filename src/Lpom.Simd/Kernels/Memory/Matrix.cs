using System.Numerics;

namespace Lpom.Simd.Kernels.Memory;

/// <summary>
/// A row-major matrix that owns aligned memory. Rows of a cache line and more start on one, and the stride is never a multiple of 1 KiB,
/// so that a column's elements spread over the sets of the L1 cache.
/// </summary>
public sealed class Matrix
{
    private const int LineFloats = AlignedBuffer.Alignment / sizeof(float);
    private const int ConflictFloats = 1024 / sizeof(float);

    private readonly AlignedBuffer _buffer;

    /// <summary>Allocates a zero matrix [rows × cols].</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or the matrix has 2³¹ floats or more.</exception>
    /// <exception cref="OutOfMemoryException">The system has no such block.</exception>
    public Matrix(int rows, int cols)
    {
        if (!Fits(rows, cols))
            throw new ArgumentOutOfRangeException(nameof(rows), $"A matrix [{rows} × {cols}] is impossible or has more than {AlignedBuffer.MaxLength} floats.");
        Rows = rows;
        Cols = cols;
        Stride = StrideFor(cols);
        _buffer = new AlignedBuffer(rows * Stride);
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Cols { get; }

    /// <summary>Floats from one row's start to the next's.</summary>
    public int Stride { get; }

    /// <summary>The whole matrix.</summary>
    public MatrixView View => new(_buffer.Span, Rows, Cols, Stride);

    /// <summary>The first <paramref name="rows"/> rows: a smaller batch in the same buffer.</summary>
    public MatrixView Top(int rows) => View.SliceRows(0, rows);

    /// <summary>Whether there can be a matrix of this shape.</summary>
    internal static bool Fits(long rows, long cols) =>
        rows >= 0 && cols is >= 0 and <= AlignedBuffer.MaxLength - ConflictFloats && rows <= AlignedBuffer.MaxLength / StrideFor((int)cols);

    /// <summary>The stride of a matrix with so many columns.</summary>
    internal static int StrideFor(int cols)
    {
        // Short rows pack closer, or a matrix of one column would be 16 times its data.
        if (cols < LineFloats) return (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(cols, 1));
        int stride = (cols + LineFloats - 1) / LineFloats * LineFloats;
        return stride >= ConflictFloats && stride % ConflictFloats == 0 ? stride + LineFloats : stride;
    }
}
