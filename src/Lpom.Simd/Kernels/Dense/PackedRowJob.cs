using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// One row times a range of B's panels: up to four strips of two vectors at a time, whose chains of FMA hide each other's latency. B is
/// read at the pace of the cache that it lies in.
/// </summary>
internal readonly unsafe struct PackedRowJob<TW, TV, TFormat>(PackedOperands operands) : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
    where TFormat : struct, IWeightFormat
{
    private static int Strip => 2 * TW.Lanes;

    private static int VectorBytes => TW.Lanes * TFormat.Size;

    private static int TermBytes => PackedMatrix.PanelColumns * TFormat.Size;

    /// <inheritdoc />
    public void Run(int worker, int first, int end)
    {
        int start = first * PackedMatrix.PanelColumns, last = Math.Min(end * PackedMatrix.PanelColumns, operands.B.Columns), column = start;
        for (; column + (4 * Strip) <= last; column += 4 * Strip) Strips4(column);
        for (; column < last; column += 2 * Strip) Strips2(column, Math.Min(2 * Strip, last - column));
        operands.Scale<TW, TV>(start, last);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Strips4(int column)
    {
        byte* b0 = operands.B.Panel(column), b1 = operands.B.Panel(column + Strip);
        byte* b2 = operands.B.Panel(column + (2 * Strip)), b3 = operands.B.Panel(column + (3 * Strip));
        float* a = operands.A, c = operands.C + column;
        for (int depth = 0, left = operands.B.Terms; left > 0; depth += GemmBlocking.KC, left -= GemmBlocking.KC)
        {
            TV c0 = TW.Zero, c1 = TW.Zero, c2 = TW.Zero, c3 = TW.Zero, c4 = TW.Zero, c5 = TW.Zero, c6 = TW.Zero, c7 = TW.Zero;
            for (float* end = a + Math.Min(GemmBlocking.KC, left); a < end; a++, b0 += TermBytes, b1 += TermBytes, b2 += TermBytes, b3 += TermBytes)
            {
                TV x = TW.Broadcast(*a);
                c0 = TW.Fma(x, TFormat.Load<TW, TV>(b0), c0);
                c1 = TW.Fma(x, TFormat.Load<TW, TV>(b0 + VectorBytes), c1);
                c2 = TW.Fma(x, TFormat.Load<TW, TV>(b1), c2);
                c3 = TW.Fma(x, TFormat.Load<TW, TV>(b1 + VectorBytes), c3);
                c4 = TW.Fma(x, TFormat.Load<TW, TV>(b2), c4);
                c5 = TW.Fma(x, TFormat.Load<TW, TV>(b2 + VectorBytes), c5);
                c6 = TW.Fma(x, TFormat.Load<TW, TV>(b3), c6);
                c7 = TW.Fma(x, TFormat.Load<TW, TV>(b3 + VectorBytes), c7);
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

    // Computed beside C, which may have fewer columns. A second strip that is not there is the first once more: the chains' latency is
    // what takes the time.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Strips2(int column, int columns)
    {
        float* sums = stackalloc float[4 * TW.Lanes];
        byte* b0 = operands.B.Panel(column), b1 = columns > Strip ? operands.B.Panel(column + Strip) : b0;
        float* a = operands.A;
        for (int depth = 0, left = operands.B.Terms; left > 0; depth += GemmBlocking.KC, left -= GemmBlocking.KC)
        {
            TV c0 = TW.Zero, c1 = TW.Zero, c2 = TW.Zero, c3 = TW.Zero;
            for (float* end = a + Math.Min(GemmBlocking.KC, left); a < end; a++, b0 += TermBytes, b1 += TermBytes)
            {
                TV x = TW.Broadcast(*a);
                c0 = TW.Fma(x, TFormat.Load<TW, TV>(b0), c0);
                c1 = TW.Fma(x, TFormat.Load<TW, TV>(b0 + VectorBytes), c1);
                c2 = TW.Fma(x, TFormat.Load<TW, TV>(b1), c2);
                c3 = TW.Fma(x, TFormat.Load<TW, TV>(b1 + VectorBytes), c3);
            }
            Put(c0, sums, depth);
            Put(c1, sums + TW.Lanes, depth);
            Put(c2, sums + (2 * TW.Lanes), depth);
            Put(c3, sums + (3 * TW.Lanes), depth);
        }
        new ReadOnlySpan<float>(sums, columns).CopyTo(new Span<float>(operands.C + column, columns));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(TV sum, float* c, int depth) => TW.Store(depth > 0 ? TW.Add(sum, TW.Load(c)) : sum, c);
}
