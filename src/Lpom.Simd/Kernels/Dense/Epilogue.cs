using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Runs an <see cref="IGemmEpilogue"/> over a finished part of C that is still in the L1 cache.</summary>
internal static unsafe class Epilogue
{
    /// <summary>C ← e(C), and nothing at all for <see cref="IdentityEpilogue"/>.</summary>
    /// <param name="epilogue">e.</param>
    /// <param name="c">The part's first element.</param>
    /// <param name="stride">Floats between C's rows.</param>
    /// <param name="rows">The part's rows.</param>
    /// <param name="cols">Its columns.</param>
    /// <param name="firstColumn">The column of C of the first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply<TW, TV, TEpilogue>(in TEpilogue epilogue, float* c, nint stride, int rows, int cols, int firstColumn)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TEpilogue : struct, IGemmEpilogue
    {
        if (typeof(TEpilogue) != typeof(IdentityEpilogue)) ApplyRows<TW, TV, TEpilogue>(epilogue, c, stride, rows, cols, firstColumn);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyRows<TW, TV, TEpilogue>(in TEpilogue epilogue, float* c, nint stride, int rows, int cols, int firstColumn)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TEpilogue : struct, IGemmEpilogue
    {
        TEpilogue e = epilogue;
        for (int row = 0; row < rows; row++, c += stride)
        {
            int col = 0;
            for (; col + TW.Lanes <= cols; col += TW.Lanes) TW.Store(e.Apply<TW, TV>(TW.Load(c + col), firstColumn + col), c + col);
            for (; col < cols; col++) c[col] = e.Apply<WidthScalar, float>(c[col], firstColumn + col);
        }
    }
}
