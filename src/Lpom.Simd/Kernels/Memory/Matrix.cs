namespace Lpom.Simd.Kernels.Memory;

/// <summary>
/// A row-major matrix that owns aligned memory. Rows start on cache lines, and the stride is never a multiple of 1 KiB,
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
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(cols);
        Rows = rows;
        Cols = cols;
        Stride = StrideFor(cols);
        long length = (long)rows * Stride;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Array.MaxLength - 64, nameof(rows));
        _buffer = new AlignedBuffer((int)length);
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

    internal static int StrideFor(int cols)
    {
        long lines = ((long)cols + LineFloats - 1) / LineFloats * LineFloats;
        if (lines >= ConflictFloats && lines % ConflictFloats == 0) lines += LineFloats;
        return checked((int)Math.Max(lines, LineFloats));
    }
}
