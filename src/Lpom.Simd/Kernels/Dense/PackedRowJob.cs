using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// Rows, one by one, times a range of B's panels: up to four strips of two vectors at a time, whose chains of FMA hide each other's latency. B is
/// read at the pace of the cache that it lies in.
/// </summary>
internal readonly unsafe struct PackedRowJob<TW, TV, TFormat>(PackedOperands operands) : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
    where TFormat : struct, IWeightFormat
{
    private static int Strip => 2 * TW.Lanes;

    // Of a panel's columns, a lane of 32 bits each: a term, or a pair of terms.
    private const int GroupBytes = PackedMatrix.PanelColumns * sizeof(float);

    /// <inheritdoc />
    public void Run(int worker, int first, int end)
    {
        int start = first * PackedMatrix.PanelColumns, last = Math.Min(end * PackedMatrix.PanelColumns, operands.B.Columns);
        for (int row = 0; row < operands.Rows; row++)
        {
            float* a = operands.A + (row * operands.StrideA), c = operands.C + (row * operands.StrideC);
            int column = start;
            for (; column + (4 * Strip) <= last; column += 4 * Strip) Strips4(a, column, c + column);
            for (; column < last; column += 2 * Strip) Strips2(a, column, c + column, Math.Min(2 * Strip, last - column));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Strips4(float* a, int column, float* c)
    {
        // A local: the inliner's budget ends before as many calls as there are uses.
        int vector = TW.Lanes * sizeof(float);
        byte* b0 = operands.B.Panel(column), b1 = operands.B.Panel(column + Strip);
        byte* b2 = operands.B.Panel(column + (2 * Strip)), b3 = operands.B.Panel(column + (3 * Strip));
        for (int depth = 0, left = operands.B.Terms; left > 0; depth += GemmBlocking.KC, left -= GemmBlocking.KC)
        {
            TV c0 = TW.Zero, c1 = TW.Zero, c2 = TW.Zero, c3 = TW.Zero, c4 = TW.Zero, c5 = TW.Zero, c6 = TW.Zero, c7 = TW.Zero;
            for (float* end = a + Math.Min(GemmBlocking.KC, left); a < end; a += TFormat.Terms, b0 += GroupBytes, b1 += GroupBytes, b2 += GroupBytes, b3 += GroupBytes)
            {
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
    }

    // Computed beside C, which may have fewer columns. A second strip or vector that is not there is the first once more: the chains'
    // latency is what takes the time, and padding is not read.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Strips2(float* a, int column, float* c, int columns)
    {
        float* sums = stackalloc float[4 * TW.Lanes];
        int vector = TW.Lanes * sizeof(float), second0 = columns > TW.Lanes ? vector : 0, second1 = columns > Strip + TW.Lanes ? vector : 0;
        byte* b0 = operands.B.Panel(column), b1 = columns > Strip ? operands.B.Panel(column + Strip) : b0;
        for (int depth = 0, left = operands.B.Terms; left > 0; depth += GemmBlocking.KC, left -= GemmBlocking.KC)
        {
            TV c0 = TW.Zero, c1 = TW.Zero, c2 = TW.Zero, c3 = TW.Zero;
            for (float* end = a + Math.Min(GemmBlocking.KC, left); a < end; a += TFormat.Terms, b0 += GroupBytes, b1 += GroupBytes)
            {
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
                continue;
            }
            Put(c0, sums, depth);
            Put(c1, sums + TW.Lanes, depth);
            Put(c2, sums + (2 * TW.Lanes), depth);
            Put(c3, sums + (3 * TW.Lanes), depth);
        }
        if (columns != Strip) new ReadOnlySpan<float>(sums, columns).CopyTo(new Span<float>(c, columns));
    }

    // A last term without a neighbour has zeros for one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV Next(float* a, float* end) => TFormat.Terms == 1 || a + 1 >= end ? TW.Zero : TW.Broadcast(a[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(TV sum, float* c, int depth) => TW.Store(depth > 0 ? TW.Add(sum, TW.Load(c)) : sum, c);
}
