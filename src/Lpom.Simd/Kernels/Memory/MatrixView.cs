using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lpom.Simd.Kernels.Memory;

/// <summary>A writable view of a row-major matrix: element (r, c) stands at r · <see cref="Stride"/> + c. Owns nothing.</summary>
public readonly ref struct MatrixView
{
    private readonly ref float _origin;

    /// <summary>Views <paramref name="data"/> as [rows × cols], rows <paramref name="stride"/> floats apart.</summary>
    /// <exception cref="ArgumentException">A negative size, a stride under <paramref name="cols"/>, or a span that ends too soon.</exception>
    public MatrixView(Span<float> data, int rows, int cols, int stride)
    {
        MatrixShape.Check(data.Length, rows, cols, stride);
        _origin = ref MemoryMarshal.GetReference(data);
        Rows = rows;
        Cols = cols;
        Stride = stride;
    }

    /// <summary>Views <paramref name="data"/> as a dense [rows × cols].</summary>
    /// <inheritdoc cref="MatrixView(Span{float}, int, int, int)" path="/exception" />
    public MatrixView(Span<float> data, int rows, int cols)
        : this(data, rows, cols, cols)
    {
    }

    private MatrixView(ref float origin, int rows, int cols, int stride)
    {
        _origin = ref origin;
        Rows = rows;
        Cols = cols;
        Stride = stride;
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Cols { get; }

    /// <summary>Floats from one row's start to the next's.</summary>
    public int Stride { get; }

    /// <summary>Whether the rows follow each other without a gap, so that <see cref="Flat"/> may be used.</summary>
    public bool IsDense => Stride == Cols || Rows <= 1;

    /// <summary>All elements, row by row. Only when <see cref="IsDense"/>.</summary>
    /// <exception cref="InvalidOperationException">There are gaps between the rows.</exception>
    public Span<float> Flat => IsDense ? MemoryMarshal.CreateSpan(ref _origin, checked(Rows * Cols)) : throw MatrixShape.NotDense();

    /// <summary>From the first element to the last, gaps between rows included.</summary>
    internal Span<float> Memory => MemoryMarshal.CreateSpan(ref _origin, Rows == 0 ? 0 : checked(((Rows - 1) * Stride) + Cols));

    /// <summary>Element (row, col); checked.</summary>
    public ref float this[int row, int col] => ref Row(row)[col];

    /// <summary>One row.</summary>
    public Span<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref _origin, (nint)row * Stride), Cols);
    }

    /// <summary>Rows <paramref name="first"/> … first + count − 1.</summary>
    public MatrixView SliceRows(int first, int count)
    {
        MatrixShape.CheckSlice(first, count, Rows);
        return new MatrixView(ref Unsafe.Add(ref _origin, (nint)first * Stride), count, Cols, Stride);
    }

    /// <summary>Columns <paramref name="first"/> … first + count − 1.</summary>
    public MatrixView SliceCols(int first, int count)
    {
        MatrixShape.CheckSlice(first, count, Cols);
        return new MatrixView(ref Unsafe.Add(ref _origin, first), Rows, count, Stride);
    }

    /// <summary>The same matrix, read only.</summary>
    public static implicit operator ReadOnlyMatrixView(MatrixView view) =>
        new(ref view._origin, view.Rows, view.Cols, view.Stride);

    /// <inheritdoc cref="ReadOnlyMatrixView.CopyTo" />
    public void CopyTo(MatrixView target) => ((ReadOnlyMatrixView)this).CopyTo(target);

    /// <summary>The first element, for <c>fixed</c>.</summary>
    public ref float GetPinnableReference() => ref _origin;
}
