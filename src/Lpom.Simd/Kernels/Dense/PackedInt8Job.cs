using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// Rows times a range of panels of 8-bit integers, in integers: every <see cref="BlockTerms"/> terms of a row are rounded to int16 times a
/// scale of theirs, whose largest is 32767, and their products added exactly. So the bits do not depend on the width, the number of rows
/// or how they are grouped, and the rounding of A is 1/256 of that of B.
/// </summary>
/// <remarks>
/// A panel's numbers lie as <see cref="PackedMatrix"/> says: int16 = 256 · u + (v + 128) of the columns l and l + 16. With U = Σ xu from its
/// upper byte and the sum of x times the whole, Σ xv = (−128 Σ x + Σ x · int16) − 256 U, exact though parts of it wrap around:
/// one shift for two weights, where widening each would take a shuffle.
/// </remarks>
internal readonly unsafe struct PackedInt8Job<TW, TV>(PackedOperands operands) : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
{
    // So many products of 32767 and 127 stay below 2³¹, and sums of 32767 below 2²⁴, where floats are exact.
    private const int BlockTerms = 512;

    // Rows that are rounded at a time, and rows of a tile.
    private const int GroupRows = 16, TileRows = 4;

    private const int LargestInt16 = short.MaxValue;

    private const int Half = PackedMatrix.PanelColumns / 2;

    // Of a panel's columns, two terms each.
    private const int PairBytes = 2 * PackedMatrix.PanelColumns;

    // The widest vector's int16: rounded rows are zeros up to a multiple of it.
    private const int Padding = 32;

    private static int VectorsOfPanel => Half / TW.Lanes;

    /// <inheritdoc />
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int worker, int first, int end)
    {
        short* rounded = stackalloc short[GroupRows * BlockTerms];
        RowScale* scales = stackalloc RowScale[GroupRows];
        ushort* steps = stackalloc ushort[ListedTerms.MostGroups];
        int last = Math.Min(end * PackedMatrix.PanelColumns, operands.B.Columns);
        for (int row = 0; row < operands.Rows; row += GroupRows)
        {
            int rows = Math.Min(GroupRows, operands.Rows - row);
            for (int depth = 0; depth < operands.B.Terms; depth += BlockTerms)
            {
                int terms = Math.Min(BlockTerms, operands.B.Terms - depth);
                float* a = operands.A + (row * operands.StrideA) + depth, c = operands.C + (row * operands.StrideC);
                for (int i = 0; i < rows; i++) scales[i] = Round(a + (i * operands.StrideA), terms, rounded + (i * BlockTerms));
                int tiled = rows - (rows % TileRows);
                for (int i = 0; i < tiled; i += TileRows)
                    Tiles(new Block(rounded + (i * BlockTerms), scales + i, (terms + 1) / 2, depth, c + (i * operands.StrideC)), first * VectorsOfPanel, end * VectorsOfPanel);
                for (int i = tiled; i < rows; i++)
                {
                    Block block = new(rounded + (i * BlockTerms), scales + i, (terms + 1) / 2, depth, c + (i * operands.StrideC));
                    // For few columns a list takes as long as it saves.
                    Row(end - first > 1 ? WithoutZeros(block, a + (i * operands.StrideA), terms, steps) : block, first * VectorsOfPanel, end * VectorsOfPanel);
                }
            }
        }
        operands.Scale<TW, TV>(first * PackedMatrix.PanelColumns, last);
    }

    /// <summary>What a block of a rounded row is to be multiplied with, and −128 times its sum.</summary>
    private readonly record struct RowScale(float Scale, int Offset);

    /// <summary>Some terms of a row, or of <see cref="TileRows"/>.</summary>
    private readonly struct Block(short* rounded, RowScale* scales, int pairs, int depth, float* c, ushort* steps = null)
    {
        /// <summary>Rounded terms: rows of <see cref="BlockTerms"/>.</summary>
        public readonly short* Rounded = rounded;

        /// <summary>One for each row.</summary>
        public readonly RowScale* Scales = scales;

        /// <summary>Pairs of terms.</summary>
        public readonly int Pairs = pairs;

        /// <summary>Terms before these.</summary>
        public readonly int Depth = depth;

        /// <summary>C at the first of the rows.</summary>
        public readonly float* C = c;

        /// <summary>From pair to pair, of <see cref="ListedTerms"/>; null where all are there.</summary>
        public readonly ushort* Steps = steps;
    }

    private static Block WithoutZeros(in Block block, float* a, int terms, ushort* steps)
    {
        int listed = ListedTerms.TryList<TW, TV>(a, terms, perGroup: 2, steps);
        if (listed < 0) return block;
        // In place: a pair moves to the front.
        ListedTerms.Gather((int*)block.Rounded, steps, listed, (int*)block.Rounded);
        return new Block(block.Rounded, block.Scales, listed, block.Depth, block.C, steps);
    }

    // Vectors of lanes of two columns and two terms are numbered through all panels.
    private void Tiles(in Block block, int first, int end)
    {
        for (int vector = first; vector < end; vector++) Tile(block, vector);
    }

    private void Row(in Block block, int first, int end)
    {
        if (block.Steps == null) Row<AllTerms>(block, first, end);
        else Row<ListedTerms>(block, first, end);
    }

    private void Row<TOrder>(in Block block, int first, int end)
        where TOrder : struct, ITermOrder
    {
        int vector = first;
        for (; vector + 4 <= end; vector += 4) Vectors4<TOrder>(block, vector);
        for (; vector < end; vector += 2) Vectors2<TOrder>(block, vector, Math.Min(2, end - vector));
    }

    // One pair before those of a block: every step is taken before its pair is.
    private byte* Weights(int vector, int depth) =>
        operands.B.Panel(vector / VectorsOfPanel * PackedMatrix.PanelColumns) + (((nint)(depth / 2) - 1) * PairBytes) + (vector % VectorsOfPanel * TW.Lanes * sizeof(float));

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Vectors4<TOrder>(in Block block, int vector)
        where TOrder : struct, ITermOrder
    {
        float* sums = stackalloc float[8 * TW.Lanes];
        byte* b0 = Weights(vector, block.Depth), b1 = Weights(vector + 1, block.Depth);
        byte* b2 = Weights(vector + 2, block.Depth), b3 = Weights(vector + 3, block.Depth);
        TV u0 = TW.Zero, u1 = TW.Zero, u2 = TW.Zero, u3 = TW.Zero;
        TV s0 = TW.BroadcastInt32(block.Scales->Offset), s1 = s0, s2 = s0, s3 = s0;
        int* a = (int*)block.Rounded;
        ushort* steps = block.Steps;
        for (int* end = a + block.Pairs; a < end; a++, steps++)
        {
            nint step = TOrder.Step(steps) * PairBytes;
            b0 += step; b1 += step; b2 += step; b3 += step;
            TV x = TW.BroadcastInt32(*a);
            TV w0 = TW.Load((float*)b0), w1 = TW.Load((float*)b1);
            s0 = TW.AddPairProducts(x, w0, s0);
            u0 = TW.AddPairProducts(x, TW.UpperBytes(w0), u0);
            s1 = TW.AddPairProducts(x, w1, s1);
            u1 = TW.AddPairProducts(x, TW.UpperBytes(w1), u1);
            TV w2 = TW.Load((float*)b2), w3 = TW.Load((float*)b3);
            s2 = TW.AddPairProducts(x, w2, s2);
            u2 = TW.AddPairProducts(x, TW.UpperBytes(w2), u2);
            s3 = TW.AddPairProducts(x, w3, s3);
            u3 = TW.AddPairProducts(x, TW.UpperBytes(w3), u3);
        }
        // By way of memory: calls while sums are in registers would have the loop spill them.
        Keep(u0, s0, sums);
        Keep(u1, s1, sums + (2 * TW.Lanes));
        Keep(u2, s2, sums + (4 * TW.Lanes));
        Keep(u3, s3, sums + (6 * TW.Lanes));
        for (int i = 0; i < 4; i++) Put(sums + (2 * i * TW.Lanes), block, row: 0, vector + i);
    }

    // A second vector that is not there is the first once more: the loop's overhead is what takes the time.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Vectors2<TOrder>(in Block block, int vector, int count)
        where TOrder : struct, ITermOrder
    {
        float* sums = stackalloc float[4 * TW.Lanes];
        byte* b0 = Weights(vector, block.Depth), b1 = Weights(vector + count - 1, block.Depth);
        TV u0 = TW.Zero, u1 = TW.Zero;
        TV s0 = TW.BroadcastInt32(block.Scales->Offset), s1 = s0;
        int* a = (int*)block.Rounded;
        ushort* steps = block.Steps;
        for (int* end = a + block.Pairs; a < end; a++, steps++)
        {
            nint step = TOrder.Step(steps) * PairBytes;
            b0 += step; b1 += step;
            TV x = TW.BroadcastInt32(*a);
            TV w0 = TW.Load((float*)b0), w1 = TW.Load((float*)b1);
            s0 = TW.AddPairProducts(x, w0, s0);
            u0 = TW.AddPairProducts(x, TW.UpperBytes(w0), u0);
            s1 = TW.AddPairProducts(x, w1, s1);
            u1 = TW.AddPairProducts(x, TW.UpperBytes(w1), u1);
        }
        Keep(u0, s0, sums);
        Keep(u1, s1, sums + (2 * TW.Lanes));
        for (int i = 0; i < count; i++) Put(sums + (2 * i * TW.Lanes), block, row: 0, vector + i);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Tile(in Block block, int vector)
    {
        float* sums = stackalloc float[8 * TW.Lanes];
        byte* b = Weights(vector, block.Depth) + PairBytes;
        int* a0 = (int*)block.Rounded, a1 = a0 + (BlockTerms / 2), a2 = a1 + (BlockTerms / 2), a3 = a2 + (BlockTerms / 2);
        TV u0 = TW.Zero, u1 = TW.Zero, u2 = TW.Zero, u3 = TW.Zero;
        TV s0 = TW.BroadcastInt32(block.Scales[0].Offset), s1 = TW.BroadcastInt32(block.Scales[1].Offset);
        TV s2 = TW.BroadcastInt32(block.Scales[2].Offset), s3 = TW.BroadcastInt32(block.Scales[3].Offset);
        for (int pair = 0; pair < block.Pairs; pair++, b += PairBytes)
        {
            TV w = TW.Load((float*)b), upper = TW.UpperBytes(w);
            TV x0 = TW.BroadcastInt32(a0[pair]), x1 = TW.BroadcastInt32(a1[pair]);
            s0 = TW.AddPairProducts(x0, w, s0);
            u0 = TW.AddPairProducts(x0, upper, u0);
            s1 = TW.AddPairProducts(x1, w, s1);
            u1 = TW.AddPairProducts(x1, upper, u1);
            TV x2 = TW.BroadcastInt32(a2[pair]), x3 = TW.BroadcastInt32(a3[pair]);
            s2 = TW.AddPairProducts(x2, w, s2);
            u2 = TW.AddPairProducts(x2, upper, u2);
            s3 = TW.AddPairProducts(x3, w, s3);
            u3 = TW.AddPairProducts(x3, upper, u3);
        }
        Keep(u0, s0, sums);
        Keep(u1, s1, sums + (2 * TW.Lanes));
        Keep(u2, s2, sums + (4 * TW.Lanes));
        Keep(u3, s3, sums + (6 * TW.Lanes));
        for (int row = 0; row < TileRows; row++) Put(sums + (2 * row * TW.Lanes), block, row, vector);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep(TV upper, TV whole, float* sums)
    {
        TW.Store(upper, sums);
        TW.Store(whole, sums + TW.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Put(float* sums, in Block block, int row, int vector)
    {
        int column = (vector / VectorsOfPanel * PackedMatrix.PanelColumns) + (vector % VectorsOfPanel * TW.Lanes);
        TV scale = TW.Broadcast(block.Scales[row].Scale), upper = TW.Load(sums), lower = TW.SubtractShifted(TW.Load(sums + TW.Lanes), upper);
        float* c = block.C + (row * operands.StrideC) + column;
        Put(TW.Multiply(TW.FromInt32(upper), scale), c, operands.B.Columns - column, block.Depth);
        Put(TW.Multiply(TW.FromInt32(lower), scale), c + Half, operands.B.Columns - column - Half, block.Depth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(TV value, float* c, int columns, int depth)
    {
        if (columns >= TW.Lanes) TW.Store(depth > 0 ? TW.Add(value, TW.Load(c)) : value, c);
        else if (columns > 0) PutPart(value, c, columns, depth);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PutPart(TV value, float* c, int columns, int depth)
    {
        float* values = stackalloc float[TW.Lanes];
        TW.Store(value, values);
        for (int col = 0; col < columns; col++) c[col] = depth > 0 ? values[col] + c[col] : values[col];
    }

    // NaN where a term is not finite, as its products are not. Terms so small that their scale has no inverse count as zero.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static RowScale Round(float* x, int terms, short* rounded)
    {
        new Span<short>(rounded + (terms & ~(Padding - 1)), terms % Padding == 0 ? 0 : Padding).Clear();
        float largest = Largest(x, terms), inverse = LargestInt16 / largest;
        if (!float.IsFinite(inverse) || !float.IsFinite(largest))
        {
            new Span<short>(rounded, terms).Clear();
            return new RowScale(float.IsFinite(largest) ? 0 : float.NaN, 0);
        }
        int i = 0;
        for (; i + TW.Lanes <= terms; i += TW.Lanes) TW.StoreInt16(TW.Round(TW.Multiply(TW.Load(x + i), TW.Broadcast(inverse))), rounded + i);
        for (; i < terms; i++) rounded[i] = (short)MathF.Round(x[i] * inverse);
        return new RowScale(largest / LargestInt16, -128 * Sum(rounded, terms));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Sum(short* rounded, int terms)
    {
        TV sums = TW.Zero, ones = TW.BroadcastInt32(0x0001_0001);
        for (int i = 0; i < terms; i += 2 * TW.Lanes) sums = TW.AddPairProducts(ones, TW.Load((float*)(rounded + i)), sums);
        return (int)TW.Sum(TW.FromInt32(sums));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Largest(float* x, int terms)
    {
        TV largest = TW.Zero, poison = TW.Zero;
        int i = 0;
        for (; i + TW.Lanes <= terms; i += TW.Lanes)
        {
            TV term = TW.Load(x + i);
            largest = TW.Max(largest, TW.Abs(term));
            poison = TW.Fma(term, TW.Zero, poison);
        }
        float result = TW.MaxLane(largest), rest = TW.Sum(poison);
        for (; i < terms; i++)
        {
            result = Math.Max(result, Math.Abs(x[i]));
            rest += x[i] * 0;
        }
        return result + rest;
    }
}
