using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Copies a matrix transposed, in squares that stay in registers: the widest that fit, then narrower ones along the edges.</summary>
internal static unsafe class Transposition
{
    /// <summary>to ← fromᵀ.</summary>
    /// <param name="from">[rows × cols].</param>
    /// <param name="strideFrom">Floats between rows of <paramref name="from"/>.</param>
    /// <param name="rows">Rows of <paramref name="from"/>.</param>
    /// <param name="cols">Columns of <paramref name="from"/>.</param>
    /// <param name="to">[cols × rows]; must not overlap <paramref name="from"/>.</param>
    /// <param name="strideTo">Floats between rows of <paramref name="to"/>.</param>
    /// <param name="fetches">
    /// Whether to fetch the lines of <paramref name="to"/> a square's height ahead: where they are far away, stores to as many lines as a
    /// square has wait for each other. <see cref="Fetch"/> does so for the first ones.
    /// </param>
    public static void Copy(float* from, nint strideFrom, int rows, int cols, float* to, nint strideTo, bool fetches = false)
    {
        if (Vector512.IsHardwareAccelerated) Squares<Width512, Vector512<float>>(from, strideFrom, rows, cols, to, strideTo, fetches);
        else Squares<Width256, Vector256<float>>(from, strideFrom, rows, cols, to, strideTo, fetches);
    }

    /// <summary>Fetches the lines that the first squares of <see cref="Copy"/> will write.</summary>
    /// <param name="to">As there.</param>
    /// <param name="strideTo">As there.</param>
    /// <param name="cols">As there.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(float* to, nint strideTo, int cols)
    {
        if (!Sse.IsSupported) return;
        for (int col = 0; col < cols; col++) Sse.Prefetch0(to + (col * strideTo));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Squares<TW, TV>(float* from, nint strideFrom, int rows, int cols, float* to, nint strideTo, bool fetches = false)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        int wholeRows = rows / TW.Lanes * TW.Lanes, wholeCols = cols / TW.Lanes * TW.Lanes;
        for (int row = 0; row < wholeRows; row += TW.Lanes)
        {
            // Of the line that the next squares end in; they may not begin where a line does.
            int ahead = Math.Min(row + (2 * TW.Lanes), rows) - 1;
            for (int col = 0; col < wholeCols; col += TW.Lanes)
            {
                if (fetches) Fetch(to + (col * strideTo) + ahead, strideTo, TW.Lanes);
                TW.Transpose(from + (row * strideFrom) + col, strideFrom, to + (col * strideTo) + row, strideTo);
            }
        }
        if (wholeCols < cols) Narrower<TW, TV>(from + wholeCols, strideFrom, wholeRows, cols - wholeCols, to + (wholeCols * strideTo), strideTo);
        if (wholeRows < rows) Narrower<TW, TV>(from + (wholeRows * strideFrom), strideFrom, rows - wholeRows, cols, to + wholeRows, strideTo);
    }

    private static void Narrower<TW, TV>(float* from, nint strideFrom, int rows, int cols, float* to, nint strideTo)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        if (TW.Lanes > 8) Squares<Width256, Vector256<float>>(from, strideFrom, rows, cols, to, strideTo);
        else if (TW.Lanes > 4) Squares<Width128, Vector128<float>>(from, strideFrom, rows, cols, to, strideTo);
        else Squares<WidthScalar, float>(from, strideFrom, rows, cols, to, strideTo);
    }
}
