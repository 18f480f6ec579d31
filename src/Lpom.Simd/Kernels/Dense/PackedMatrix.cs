using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Reads the next rows of a matrix, one after the other without gaps.</summary>
internal delegate void RowsReader(Span<float> rows);

/// <summary>
/// The right-hand side B [k × n] of many products, such as the weights of a network in use: panels of <see cref="PanelColumns"/> columns,
/// each with its terms one after the other, so that every product reads it in the order in which it lies. Terms of fewer than 32 bits lie
/// in pairs: two terms of a column, then those of the next. Of 8-bit integers, columns lie in pairs too: an int16 is 256 · u + (v + 128)
/// for the columns l and l + 16 of a panel.
/// </summary>
/// <remarks>Immutable; any thread may read it. The columns that the last panel has beyond n are zeros.</remarks>
internal sealed unsafe class PackedMatrix
{
    /// <summary>Columns of a panel: a tile's at the widest vectors; narrower ones take parts of it.</summary>
    public const int PanelColumns = 32;

    // Terms that are rounded at a time: even, as pairs are; a panel of as many stays in the L2 cache.
    private const int BlockTerms = 1024;

    private const int LargestInt8 = sbyte.MaxValue;

    // Of the integers in lower bytes.
    private const int LowerOffset = 128;

    private readonly AlignedBuffer _panels;
    private readonly AlignedBuffer? _scales;
    private readonly int _termsPerGroup;
    private readonly int _paddedTerms;

    private PackedMatrix(int terms, int columns, WeightPrecision precision)
    {
        Terms = terms;
        Columns = columns;
        Precision = precision;
        _termsPerGroup = precision == WeightPrecision.Float32 ? Float32Format.Terms : BFloat16Format.Terms;
        _paddedTerms = GemmPlan.RoundUp(terms, _termsPerGroup);
        long numbers = (long)GemmPlan.RoundUp(columns, PanelColumns) * _paddedTerms;
        int length = checked((int)(((numbers * NumberSize) + sizeof(float) - 1) / sizeof(float)));
        _panels = precision == WeightPrecision.Float32 ? AlignedBuffer.Uncleared(length) : new AlignedBuffer(length);
        if (precision == WeightPrecision.Float32 && columns % PanelColumns != 0) _panels.Span[^(PanelColumns * terms)..].Clear();
        if (precision == WeightPrecision.Int8) _scales = new AlignedBuffer(columns);
    }

    /// <summary>k.</summary>
    public int Terms { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    /// <summary>How the numbers are stored.</summary>
    public WeightPrecision Precision { get; }

    /// <summary>The scale [n] of each column of integers; empty where numbers stand for themselves. Kept alive like the panels.</summary>
    public ReadOnlySpan<float> Scales => _scales is null ? [] : _scales.Span;

    private int NumberSize => SizeOf(Precision);

    /// <summary>Bytes of a number.</summary>
    public static int SizeOf(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Int8 => sizeof(sbyte),
        WeightPrecision.BFloat16 => BFloat16Format.Size,
        _ => Float32Format.Size,
    };

    /// <summary>Whether a matrix [terms × columns] of float32 can be packed, and so one of any precision.</summary>
    public static bool Fits(long terms, long columns) =>
        (Int128)((columns + PanelColumns - 1) / PanelColumns * PanelColumns) * terms <= AlignedBuffer.MaxLength;

    /// <summary>Packs a transposed matrix.</summary>
    /// <param name="b">Bᵀ [n × k], finite.</param>
    /// <param name="precision">How to store its numbers.</param>
    /// <exception cref="OverflowException">2³¹ floats or more with the last panel's zeros.</exception>
    public static PackedMatrix OfTransposed(ReadOnlyMatrixView b, WeightPrecision precision = WeightPrecision.Float32)
    {
        var packed = new PackedMatrix(b.Cols, b.Rows, precision);
        float[] panel = precision == WeightPrecision.Float32 ? [] : new float[PanelColumns * Math.Min(BlockTerms, packed.Terms)];
        for (int column = 0; column < packed.Columns; column += PanelColumns)
            packed.Pack(b.SliceRows(column, Math.Min(PanelColumns, packed.Columns - column)), column, panel);
        return packed;
    }

    /// <summary>Packs a transposed matrix of float32 that is read a panel at a time, such as from a file: it need not be there as a whole.</summary>
    /// <param name="terms">k.</param>
    /// <param name="columns">n.</param>
    /// <param name="read">Reads some rows of Bᵀ [n × k].</param>
    /// <exception cref="OverflowException">2³¹ floats or more with the last panel's zeros.</exception>
    public static PackedMatrix OfRows(int terms, int columns, RowsReader read)
    {
        var packed = new PackedMatrix(terms, columns, WeightPrecision.Float32);
        AlignedBuffer rows = AlignedBuffer.Uncleared(checked(Math.Min(PanelColumns, columns) * terms));
        for (int column = 0; column < columns; column += PanelColumns)
        {
            int count = Math.Min(PanelColumns, columns - column);
            Span<float> some = rows.Span[..(count * terms)];
            read(some);
            packed.Pack(new ReadOnlyMatrixView(some, count, terms), column, []);
        }
        return packed;
    }

    /// <summary>The first term of a column, or pair of terms; the next is <see cref="PanelColumns"/> of them further. Of integers, panels alone have an address. The matrix must be kept alive while it is used.</summary>
    /// <param name="column">Of the last panel it may be one beyond n.</param>
    public byte* Panel(int column)
    {
        int within = column % PanelColumns, first = column - within;
        return (byte*)_panels.Pointer + ((((nint)first * _paddedTerms) + (within * _termsPerGroup)) * NumberSize);
    }

    /// <summary>Bᵀ [n × k], as rounded.</summary>
    public Matrix ToTransposed()
    {
        var result = new Matrix(Columns, Terms);
        for (int column = 0; column < Columns; column++)
        {
            int within = column % PanelColumns;
            byte* panel = Panel(column - within);
            Span<float> row = result.View.Row(column);
            for (int term = 0; term < row.Length; term++) row[term] = Number(panel, term, within);
            if (_scales is not null) TensorPrimitives.Multiply(row, _scales.Span[column], row);
        }
        GC.KeepAlive(this);
        return result;
    }

    private float Number(byte* panel, int term, int column) => Precision switch
    {
        WeightPrecision.Int8 when column < PanelColumns / 2 => (sbyte)panel[Int8IndexOf(term, column)],
        WeightPrecision.Int8 => panel[Int8IndexOf(term, column)] - LowerOffset,
        WeightPrecision.BFloat16 => BitConverter.UInt32BitsToSingle((uint)((ushort*)panel)[PairIndexOf(term, column)] << 16),
        _ => ((float*)panel)[((nint)term * PanelColumns) + column],
    };

    // In numbers from the panel's start: pairs of terms, column by column.
    private static nint PairIndexOf(int term, int column) => ((((nint)(term / 2) * PanelColumns) + column) * 2) + (term % 2);

    // The same for columns l + 16 and l, a byte each.
    private static nint Int8IndexOf(int term, int column)
    {
        const int half = PanelColumns / 2;
        return (((((nint)(term / 2) * half) + (column % half)) * 2) + (term % 2)) * 2 + (column < half ? 1 : 0);
    }

    // The rows of Bᵀ that are a panel's columns, by way of a block of float32 unless it is a panel of them.
    private void Pack(ReadOnlyMatrixView rows, int column, float[] block)
    {
        byte* to = Panel(column);
        fixed (float* from = rows, room = block)
        {
            if (Precision == WeightPrecision.Float32) Transposition.Copy(from, rows.Stride, rows.Rows, Terms, (float*)to, PanelColumns);
            else Round(rows, from, room, column, to);
        }
        GC.KeepAlive(this);
    }

    private void Round(ReadOnlyMatrixView rows, float* from, float* block, int column, byte* to)
    {
        Span<float> scales = _scales is null ? [] : _scales.Span.Slice(column, rows.Rows);
        for (int col = 0; col < scales.Length; col++) scales[col] = Math.Abs(TensorPrimitives.MaxMagnitude(rows.Row(col))) / LargestInt8;
        for (int first = 0; first < Terms; first += BlockTerms)
        {
            int terms = Math.Min(BlockTerms, Terms - first);
            Transposition.Copy(from + first, rows.Stride, rows.Rows, terms, block, PanelColumns);
            if (Precision == WeightPrecision.BFloat16) RoundToBFloat16(block, first, terms, rows.Rows, (ushort*)to);
            else RoundToInt8(block, first, terms, scales, to);
        }
    }

    // To nearest, ties to even. A finite number that would round to infinity is cut instead.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RoundToBFloat16(float* block, int first, int terms, int columns, ushort* to)
    {
        for (int term = first; term < first + terms; term++, block += PanelColumns)
        {
            ushort* pairs = to + PairIndexOf(term, column: 0);
            for (int col = 0; col < columns; col++)
            {
                uint bits = BitConverter.SingleToUInt32Bits(block[col]), rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
                pairs[2 * col] = (ushort)((rounded & 0x7F80) == 0x7F80 ? bits >> 16 : rounded);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RoundToInt8(float* block, int first, int terms, ReadOnlySpan<float> scales, byte* to)
    {
        for (int col = 0; col < scales.Length; col++)
        {
            float scale = scales[col];
            int offset = col < PanelColumns / 2 ? 0 : LowerOffset;
            for (int i = 0; i < terms; i++)
            {
                float rounded = scale > 0 ? MathF.Round(block[(i * PanelColumns) + col] / scale) : 0;
                to[Int8IndexOf(first + i, col)] = (byte)(offset + (int)Math.Clamp(rounded, -LargestInt8, LargestInt8));
            }
        }
    }
}
