using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// Rows, one by one, times a range of B's panels: up to four strips of two vectors at a time, whose chains of FMA hide each other's latency. B is
/// read at the pace of the cache that it lies in, but for the terms that meet zeros of A.
/// </summary>
internal readonly unsafe struct PackedRowJob<TW, TV, TFormat>(PackedOperands operands) : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
    where TFormat : struct, IWeightFormat
{
    private static int Strip => 2 * TW.Lanes;

    // Of a panel's columns, a lane of 32 bits each: a term, or a pair of terms.
    private const int GroupBytes = PackedMatrix.PanelColumns * sizeof(float);

    // Whose lists are kept at a time: the columns' weights are then read from one end to the other, as memory likes to be read.
    private const int BlocksAtOnce = 4;

    /// <inheritdoc />
    [SkipLocalsInit]
    public void Run(int worker, int first, int end)
    {
        Block* blocks = stackalloc Block[BlocksAtOnce];
        float* values = stackalloc float[BlocksAtOnce * GemmBlocking.KC];
        ushort* steps = stackalloc ushort[BlocksAtOnce * GemmBlocking.KC];
        int start = first * PackedMatrix.PanelColumns, last = Math.Min(end * PackedMatrix.PanelColumns, operands.B.Columns);
        // For few columns a list takes as long as it saves.
        bool lists = last - start > 2 * Strip;
        for (int row = 0; row < operands.Rows; row++)
        {
            float* a = operands.A + (row * operands.StrideA), c = operands.C + (row * operands.StrideC);
            for (int depth = 0; depth < operands.B.Terms;)
            {
                int count = 0;
                for (; count < BlocksAtOnce && depth < operands.B.Terms; count++, depth += GemmBlocking.KC)
                {
                    Block block = new(a + depth, Math.Min(GemmBlocking.KC, operands.B.Terms - depth), depth);
                    blocks[count] = lists ? WithoutZeros(block, values + (count * GemmBlocking.KC), steps + (count * GemmBlocking.KC)) : block;
                }
                Multiply(blocks, count, c, start, last);
            }
        }
    }

    private static Block WithoutZeros(in Block block, float* values, ushort* steps)
    {
        int terms = (int)(block.End - block.A), listed = ListedTerms.TryList<TW, TV>(block.A, terms, TFormat.Terms, steps);
        if (listed < 0) return block;
        Gather(block.A, terms, steps, listed, values);
        return new Block(values, listed * TFormat.Terms, block.Depth, steps);
    }

    private static void Gather(float* a, int terms, ushort* steps, int listed, float* values)
    {
        if (TFormat.Terms == 1) ListedTerms.Gather(a, steps, listed, values);
        else GatherPairs(a, terms, steps, listed, values);
    }

    // The last pair of an odd number of terms has no second one in A.
    private static void GatherPairs(float* a, int terms, ushort* steps, int listed, float* values)
    {
        float* end = a + terms;
        a -= 2;
        for (int i = 0; i < listed; i++)
        {
            a += 2 * steps[i];
            values[2 * i] = a[0];
            values[(2 * i) + 1] = a + 1 < end ? a[1] : 0;
        }
    }

    /// <summary>Terms of a row.</summary>
    private readonly struct Block(float* a, int terms, int depth, ushort* steps = null)
    {
        public readonly float* A = a, End = a + terms;

        /// <summary>Terms before these.</summary>
        public readonly int Depth = depth;

        /// <summary>From group to group, of <see cref="ListedTerms"/>; null where all are there.</summary>
        public readonly ushort* Steps = steps;
    }

    private void Multiply(Block* blocks, int count, float* c, int start, int last)
    {
        int column = start;
        for (; column + (4 * Strip) <= last; column += 4 * Strip)
        {
            for (int i = 0; i < count; i++) Multiply4(blocks[i], column, c + column);
        }
        for (; column < last; column += 2 * Strip)
        {
            for (int i = 0; i < count; i++) Multiply2(blocks[i], column, c + column, Math.Min(2 * Strip, last - column));
        }
    }

    // The strips' addresses are computed here, as calls in the loops' methods would have them reload what lives across calls.
    private void Multiply4(in Block block, int column, float* c)
    {
        byte* b0 = Weights(column, block), b1 = Weights(column + Strip, block), b2 = Weights(column + (2 * Strip), block), b3 = Weights(column + (3 * Strip), block);
        if (block.Steps == null) Strips4<AllTerms>(block, b0, b1, b2, b3, c);
        else Strips4<ListedTerms>(block, b0, b1, b2, b3, c);
    }

    private void Multiply2(in Block block, int column, float* c, int columns)
    {
        byte* b0 = Weights(column, block), b1 = columns > Strip ? Weights(column + Strip, block) : b0;
        if (block.Steps == null) Strips2<AllTerms>(block, b0, b1, c, columns);
        else Strips2<ListedTerms>(block, b0, b1, c, columns);
    }

    // One group before the block's: every step is taken before its group is.
    private byte* Weights(int column, in Block block) => operands.B.Panel(column) + ((nint)((block.Depth / TFormat.Terms) - 1) * GroupBytes);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Strips4<TOrder>(in Block block, byte* b0, byte* b1, byte* b2, byte* b3, float* c)
        where TOrder : struct, ITermOrder
    {
        // Locals: the inliner's budget ends before as many calls as there are uses.
        int vector = TW.Lanes * sizeof(float), depth = block.Depth;
        TV c0 = TW.Zero, c1 = TW.Zero, c2 = TW.Zero, c3 = TW.Zero, c4 = TW.Zero, c5 = TW.Zero, c6 = TW.Zero, c7 = TW.Zero;
        ushort* steps = block.Steps;
        for (float* a = block.A, end = block.End; a < end; a += TFormat.Terms, steps++)
        {
            nint step = TOrder.Step(steps) * GroupBytes;
            b0 += step; b1 += step; b2 += step; b3 += step;
            TV x = TW.Broadcast(*a), next = Next(a, end);
            c0 = TFormat.Add<TW, TV>(x, next, b0, c0);
            c1 = TFormat.Add<TW, TV>(x, next, b0 + vector, c1);
            c2 = TFormat.Add<TW, TV>(x, next, b1, c2);
            c3 = TFormat.Add<TW, TV>(x, next, b1 + vector, c3);
            c4 = TFormat.Add<TW, TV>(x, next, b2, c4);
            c5 = TFormat.Add<TW, TV>(x, next, b2 + vector, c5);
            c6 = TFormat.Add<TW, TV>(x, next, b3, c6);
            c7 = TFormat.Add<TW, TV>(x, next, b3 + vector, c7);
        }
        Put(c0, c, depth);
        Put(c1, c + TW.Lanes, depth);
        Put(c2, c + (2 * TW.Lanes), depth);
        Put(c3, c + (3 * TW.Lanes), depth);
        Put(c4, c + (4 * TW.Lanes), depth);
        Put(c5, c + (5 * TW.Lanes), depth);
        Put(c6, c + (6 * TW.Lanes), depth);
        Put(c7, c + (7 * TW.Lanes), depth);
    }

    // Computed beside C, which may have fewer columns. A second strip or vector that is not there is the first once more: the chains'
    // latency is what takes the time, and padding is not read.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Strips2<TOrder>(in Block block, byte* b0, byte* b1, float* c, int columns)
        where TOrder : struct, ITermOrder
    {
        float* sums = stackalloc float[4 * TW.Lanes];
        int vector = TW.Lanes * sizeof(float), second0 = columns > TW.Lanes ? vector : 0, second1 = columns > Strip + TW.Lanes ? vector : 0;
        int depth = block.Depth;
        TV c0 = TW.Zero, c1 = TW.Zero, c2 = TW.Zero, c3 = TW.Zero;
        ushort* steps = block.Steps;
        for (float* a = block.A, end = block.End; a < end; a += TFormat.Terms, steps++)
        {
            nint step = TOrder.Step(steps) * GroupBytes;
            b0 += step; b1 += step;
            TV x = TW.Broadcast(*a), next = Next(a, end);
            c0 = TFormat.Add<TW, TV>(x, next, b0, c0);
            c1 = TFormat.Add<TW, TV>(x, next, b0 + second0, c1);
            c2 = TFormat.Add<TW, TV>(x, next, b1, c2);
            c3 = TFormat.Add<TW, TV>(x, next, b1 + second1, c3);
        }
        if (columns == Strip)
        {
            Put(c0, c, depth);
            Put(c1, c + TW.Lanes, depth);
            return;
        }
        // By way of memory: calls while sums are in registers would have the loop spill them.
        TW.Store(c0, sums);
        TW.Store(c1, sums + TW.Lanes);
        TW.Store(c2, sums + (2 * TW.Lanes));
        TW.Store(c3, sums + (3 * TW.Lanes));
        PutPart(sums, c, columns, depth);
    }

    private static void PutPart(float* sums, float* c, int columns, int depth)
    {
        if (depth == 0) new ReadOnlySpan<float>(sums, columns).CopyTo(new Span<float>(c, columns));
        else for (int column = 0; column < columns; column++) c[column] += sums[column];
    }

    // A last term without a neighbour has zeros for one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV Next(float* a, float* end) => TFormat.Terms == 1 || a + 1 >= end ? TW.Zero : TW.Broadcast(a[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(TV sum, float* c, int depth) => TW.Store(depth > 0 ? TW.Add(sum, TW.Load(c)) : sum, c);
}
