using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Copies a matrix transposed, in blocks of 8 × 4 that stay in registers.</summary>
internal static unsafe class Transposition
{
    /// <summary>to ← fromᵀ.</summary>
    /// <param name="from">[rows × cols].</param>
    /// <param name="strideFrom">Floats between rows of <paramref name="from"/>.</param>
    /// <param name="rows">Rows of <paramref name="from"/>.</param>
    /// <param name="cols">Columns of <paramref name="from"/>.</param>
    /// <param name="to">[cols × rows]; must not overlap <paramref name="from"/>.</param>
    /// <param name="strideTo">Floats between rows of <paramref name="to"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* from, nint strideFrom, int rows, int cols, float* to, nint strideTo)
    {
        int row = 0;
        for (; row + 8 <= rows; row += 8, from += 8 * strideFrom, to += 8)
        {
            float* target = to;
            int col = 0;
            for (; col + 4 <= cols; col += 4, target += 4 * strideTo) Block8(from + col, strideFrom, target, strideTo);
            for (; col < cols; col++, target += strideTo) Column(from + col, strideFrom, 8, target);
        }
        if (row + 4 <= rows)
        {
            float* target = to;
            int col = 0;
            for (; col + 4 <= cols; col += 4, target += 4 * strideTo) Block4(from + col, strideFrom, target, strideTo);
            for (; col < cols; col++, target += strideTo) Column(from + col, strideFrom, 4, target);
            row += 4;
            from += 4 * strideFrom;
            to += 4;
        }
        if (row == rows) return;
        for (int col = 0; col < cols; col++, to += strideTo) Column(from + col, strideFrom, rows - row, to);
    }

    // Rows i and i + 4 share a vector, so that interleaving within its halves is all there is to do.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block8(float* from, nint strideFrom, float* to, nint strideTo)
    {
        float* lower = from + (4 * strideFrom);
        Vector256<float> r0 = Vector256.Create(Vector128.Load(from), Vector128.Load(lower));
        Vector256<float> r1 = Vector256.Create(Vector128.Load(from + strideFrom), Vector128.Load(lower + strideFrom));
        Vector256<float> r2 = Vector256.Create(Vector128.Load(from + (2 * strideFrom)), Vector128.Load(lower + (2 * strideFrom)));
        Vector256<float> r3 = Vector256.Create(Vector128.Load(from + (3 * strideFrom)), Vector128.Load(lower + (3 * strideFrom)));
        Vector256<float> low01 = Interleave.Low(r0, r1), high01 = Interleave.High(r0, r1);
        Vector256<float> low23 = Interleave.Low(r2, r3), high23 = Interleave.High(r2, r3);
        Interleave.LowPairs(low01, low23).Store(to);
        Interleave.HighPairs(low01, low23).Store(to + strideTo);
        Interleave.LowPairs(high01, high23).Store(to + (2 * strideTo));
        Interleave.HighPairs(high01, high23).Store(to + (3 * strideTo));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block4(float* from, nint strideFrom, float* to, nint strideTo)
    {
        Vector128<float> r0 = Vector128.Load(from), r1 = Vector128.Load(from + strideFrom);
        Vector128<float> r2 = Vector128.Load(from + (2 * strideFrom)), r3 = Vector128.Load(from + (3 * strideFrom));
        Vector128<float> low01 = Interleave.Low(r0, r1), high01 = Interleave.High(r0, r1);
        Vector128<float> low23 = Interleave.Low(r2, r3), high23 = Interleave.High(r2, r3);
        Interleave.LowPairs(low01, low23).Store(to);
        Interleave.HighPairs(low01, low23).Store(to + strideTo);
        Interleave.LowPairs(high01, high23).Store(to + (2 * strideTo));
        Interleave.HighPairs(high01, high23).Store(to + (3 * strideTo));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column(float* from, nint strideFrom, int rows, float* to)
    {
        for (int row = 0; row < rows; row++, from += strideFrom) to[row] = *from;
    }
}
