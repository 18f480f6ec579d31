using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CommunityToolkit.HighPerformance;

namespace Lpom.Simd.Kernels.Memory;

/// <summary>A read-only view of a row-major matrix: element (r, c) stands at r · <see cref="Stride"/> + c. Owns nothing.</summary>
public readonly ref struct ReadOnlyMatrixView
{
    private readonly ref readonly float _origin;

    /// <summary>Views <paramref name="data"/> as [rows × cols], rows <paramref name="stride"/> floats apart.</summary>
    /// <exception cref="ArgumentException">A negative size, a stride under <paramref name="cols"/>, or a span that ends too soon.</exception>
    public ReadOnlyMatrixView(ReadOnlySpan<float> data, int rows, int cols, int stride)
    {
        MatrixShape.Check(data.Length, rows, cols, stride);
        _origin = ref MemoryMarshal.GetReference(data);
        Rows = rows;
        Cols = cols;
        Stride = stride;
    }

    /// <summary>Views <paramref name="data"/> as a dense [rows × cols].</summary>
    /// <inheritdoc cref="ReadOnlyMatrixView(ReadOnlySpan{float}, int, int, int)" path="/exception" />
    public ReadOnlyMatrixView(ReadOnlySpan<float> data, int rows, int cols)
        : this(data, rows, cols, cols)
    {
    }

    internal ReadOnlyMatrixView(ref readonly float origin, int rows, int cols, int stride)
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
    public ReadOnlySpan<float> Flat =>
        IsDense ? MemoryMarshal.CreateReadOnlySpan(in _origin, checked(Rows * Cols)) : throw MatrixShape.NotDense();

    /// <summary>Element (row, col); checked.</summary>
    public float this[int row, int col] => Row(row)[col];

    /// <summary>One row.</summary>
    public ReadOnlySpan<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return MemoryMarshal.CreateReadOnlySpan(in Unsafe.Add(ref Unsafe.AsRef(in _origin), (nint)row * Stride), Cols);
    }

    /// <summary>Rows <paramref name="first"/> … first + count − 1.</summary>
    public ReadOnlyMatrixView SliceRows(int first, int count)
    {
        MatrixShape.CheckSlice(first, count, Rows);
        return new ReadOnlyMatrixView(in Unsafe.Add(ref Unsafe.AsRef(in _origin), (nint)first * Stride), count, Cols, Stride);
    }

    /// <summary>Columns <paramref name="first"/> … first + count − 1.</summary>
    public ReadOnlyMatrixView SliceCols(int first, int count)
    {
        MatrixShape.CheckSlice(first, count, Cols);
        return new ReadOnlyMatrixView(in Unsafe.Add(ref Unsafe.AsRef(in _origin), first), Rows, count, Stride);
    }

    /// <summary>Copies every element to a matrix of the same shape.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void CopyTo(MatrixView target)
    {
        if (target.Rows != Rows || target.Cols != Cols)
            throw new ArgumentException($"A matrix [{Rows} × {Cols}] does not fit [{target.Rows} × {target.Cols}].", nameof(target));
        for (int row = 0; row < Rows; row++) Row(row).CopyTo(target.Row(row));
    }

    /// <summary>Views a two-dimensional span, such as one over a <c>float[,]</c>, without a copy.</summary>
    /// <exception cref="ArgumentException">The rows are 2³¹ floats or more apart.</exception>
    public static implicit operator ReadOnlyMatrixView(ReadOnlySpan2D<float> data)
    {
        if (data.IsEmpty) return new ReadOnlyMatrixView([], data.Height, data.Width);
        ref float origin = ref data.DangerousGetReference();
        nint stride = data.Height == 1 ? data.Width : Unsafe.ByteOffset(ref origin, ref data.DangerousGetReferenceAt(1, 0)) / sizeof(float);
        if (stride > int.MaxValue) throw new ArgumentException($"The rows are {stride} floats apart.", nameof(data));
        return new ReadOnlyMatrixView(in origin, data.Height, data.Width, (int)stride);
    }

    /// <summary>The first element, for <c>fixed</c>.</summary>
    public ref readonly float GetPinnableReference() => ref _origin;
}
