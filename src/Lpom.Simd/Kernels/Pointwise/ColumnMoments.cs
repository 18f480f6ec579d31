using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>Per column of a block of rows, of the differences from an origin: sum, sum of squares, least and largest. On the caller's thread.</summary>
/// <remarks>The block's sums add up in float, in the order of the rows, with the same bits at every vector width; the totals are in double.</remarks>
internal static unsafe class ColumnMoments
{
    /// <summary>Adds a block to the totals.</summary>
    /// <param name="width">The vector width.</param>
    /// <param name="block">[m × n].</param>
    /// <param name="origin">[n].</param>
    /// <param name="sums">[n], added to.</param>
    /// <param name="squares">[n], added to.</param>
    /// <param name="lowest">[n], lowered.</param>
    /// <param name="highest">[n], raised.</param>
    /// <exception cref="ArgumentException">A span of another length.</exception>
    public static void Add(
        SimdWidth width,
        ReadOnlyMatrixView block,
        ReadOnlySpan<float> origin,
        Span<double> sums,
        Span<double> squares,
        Span<float> lowest,
        Span<float> highest)
    {
        int cols = block.Cols;
        if (origin.Length != cols || sums.Length != cols || squares.Length != cols || lowest.Length != cols || highest.Length != cols)
            throw new ArgumentException($"The block has {cols} columns, the totals are of other lengths.", nameof(block));
        fixed (float* px = block, po = origin, pl = lowest, ph = highest)
        fixed (double* ps = sums, pq = squares)
        {
            Kernel kernel = new(new(px, block.Stride), block.Rows, cols, po, ps, pq, pl, ph);
            SimdLevel.Run(width, ref kernel);
        }
    }

    private readonly struct Kernel(Rows block, nint rows, nint cols, float* origin, double* sums, double* squares, float* lowest, float* highest) : IKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TW, TV>()
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            nint col = 0;
            for (; col <= cols - TW.Lanes; col += TW.Lanes) Columns<TW, TV>(col);
            for (; col < cols; col++) Columns<WidthScalar, float>(col);
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private void Columns<TW, TV>(nint col)
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            TV start = TW.Load(origin + col), low = TW.Load(lowest + col), high = TW.Load(highest + col), sum = TW.Zero, square = TW.Zero;
            for (nint row = 0; row < rows; row++)
            {
                TV x = TW.Subtract(TW.Load(block.Skip(row, col).Start), start);
                sum = TW.Add(sum, x);
                square = TW.Fma(x, x, square);
                low = TW.Min(x, low);
                high = TW.Max(x, high);
            }
            TW.Store(low, lowest + col);
            TW.Store(high, highest + col);
            float* lanes = stackalloc float[TW.Lanes];
            TW.Store(sum, lanes);
            for (int i = 0; i < TW.Lanes; i++) sums[col + i] += lanes[i];
            TW.Store(square, lanes);
            for (int i = 0; i < TW.Lanes; i++) squares[col + i] += lanes[i];
        }
    }
}
