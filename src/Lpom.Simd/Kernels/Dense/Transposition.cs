using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Copies a matrix transposed, in blocks of one vector's rows and four columns that stay in registers.</summary>
internal static unsafe class Transposition
{
    /// <summary>to ← fromᵀ.</summary>
    /// <param name="from">[rows × cols].</param>
    /// <param name="strideFrom">Floats between rows of <paramref name="from"/>.</param>
    /// <param name="rows">Rows of <paramref name="from"/>.</param>
    /// <param name="cols">Columns of <paramref name="from"/>.</param>
    /// <param name="to">[cols × rows]; must not overlap <paramref name="from"/>.</param>
    /// <param name="strideTo">Floats between rows of <paramref name="to"/>.</param>
    public static void Copy(float* from, nint strideFrom, int rows, int cols, float* to, nint strideTo)
    {
        int row = 0;
        if (Vector512.IsHardwareAccelerated) row = Bands<Width512, Vector512<float>>(from, strideFrom, row, rows, cols, to, strideTo);
        row = Bands<Width256, Vector256<float>>(from, strideFrom, row, rows, cols, to, strideTo);
        row = Bands<Width128, Vector128<float>>(from, strideFrom, row, rows, cols, to, strideTo);
        if (row == rows) return;
        from += row * strideFrom;
        to += row;
        for (int col = 0; col < cols; col++, to += strideTo) Column(from + col, strideFrom, rows - row, to);
    }

    // Bands of as many rows as a vector has lanes; the row after the last.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Bands<TW, TV>(float* from, nint strideFrom, int row, int rows, int cols, float* to, nint strideTo)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        for (; row + TW.Lanes <= rows; row += TW.Lanes)
        {
            float* source = from + (row * strideFrom), target = to + row;
            int col = 0;
            for (; col + 4 <= cols; col += 4, source += 4, target += 4 * strideTo)
            {
                TW.LoadColumns4(source, strideFrom, out TV c0, out TV c1, out TV c2, out TV c3);
                TW.Store(c0, target);
                TW.Store(c1, target + strideTo);
                TW.Store(c2, target + (2 * strideTo));
                TW.Store(c3, target + (3 * strideTo));
            }
            for (; col < cols; col++, source++, target += strideTo) Column(source, strideFrom, TW.Lanes, target);
        }
        return row;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column(float* from, nint strideFrom, int rows, float* to)
    {
        for (int row = 0; row < rows; row++, from += strideFrom) to[row] = *from;
    }
}
