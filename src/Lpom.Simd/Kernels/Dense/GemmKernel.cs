using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// The micro-kernel: a tile of C, up to 12 rows × 2 vectors, stays in registers while k runs. Each step loads a row of B's panel and
/// broadcasts one element of each row of A: 24 FMA for 14 loads at 12 × 2, 12 for 8 at 6 × 2.
/// </summary>
/// <remarks>
/// Every element is one chain of FMA over k from 0, then α times it is stored or added: the same operations in a tile of any shape.
/// </remarks>
internal static unsafe class GemmKernel
{
    /// <summary>C ← α·A·B or C ← C + α·A·B for one tile.</summary>
    /// <param name="rows">Rows of the tile, 1 … MR.</param>
    /// <param name="vectors">Vectors across the tile, 1 or 2.</param>
    /// <param name="depth">Terms of the sum over k.</param>
    /// <param name="a">A's first element; row i, term p stands at i · <paramref name="rowStep"/> + p · <paramref name="depthStep"/>.</param>
    /// <param name="rowStep">Floats between rows of A.</param>
    /// <param name="depthStep">Floats between terms of A.</param>
    /// <param name="b">B's first element; term p's vectors start at p · <paramref name="stepB"/>.</param>
    /// <param name="stepB">Floats between terms of B.</param>
    /// <param name="c">C's first element.</param>
    /// <param name="strideC">Floats between rows of C.</param>
    /// <param name="alpha">α.</param>
    /// <param name="accumulate">Whether to add to C; else C is only written.</param>
    public static void Tile<TW, TV>(
        int rows, int vectors, nint depth, float* a, nint rowStep, nint depthStep, float* b, nint stepB, float* c, nint strideC, float alpha, bool accumulate)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        if (vectors == 2) Tile<TW, TV, Count2>(rows, depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate);
        else Tile<TW, TV, Count1>(rows, depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate);
    }

    private static void Tile<TW, TV, TVectors>(
        int rows, nint depth, float* a, nint rowStep, nint depthStep, float* b, nint stepB, float* c, nint strideC, float alpha, bool accumulate)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TVectors : struct, ICount
    {
        switch (rows)
        {
            case 1: Tile<TW, TV, Count1, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            case 2: Tile<TW, TV, Count2, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            case 3: Tile<TW, TV, Count3, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            case 4: Tile<TW, TV, Count4, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            case 5: Tile<TW, TV, Count5, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            case 6: Tile<TW, TV, Count6, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            default:
                // Only AVX-512 has registers for taller tiles; the constant spares the other widths their code.
                if (TW.Lanes == 16) TallTile<TW, TV, TVectors>(rows, depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate);
                break;
        }
    }

    private static void TallTile<TW, TV, TVectors>(
        int rows, nint depth, float* a, nint rowStep, nint depthStep, float* b, nint stepB, float* c, nint strideC, float alpha, bool accumulate)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TVectors : struct, ICount
    {
        switch (rows)
        {
            case 7: Tile<TW, TV, Count7, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            case 8: Tile<TW, TV, Count8, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            case 9: Tile<TW, TV, Count9, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            case 10: Tile<TW, TV, Count10, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            case 11: Tile<TW, TV, Count11, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
            default: Tile<TW, TV, Count12, TVectors>(depth, a, rowStep, depthStep, b, stepB, c, strideC, alpha, accumulate); break;
        }
    }

    // The counts are compile-time constants: rows and vectors that a tile lacks leave no code.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TW, TV, TRows, TVectors>(
        nint depth, float* a, nint rowStep, nint depthStep, float* b, nint stepB, float* c, nint strideC, float alpha, bool accumulate)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        TV c00 = TW.Zero, c01 = TW.Zero;
        TV c10 = TW.Zero, c11 = TW.Zero;
        TV c20 = TW.Zero, c21 = TW.Zero;
        TV c30 = TW.Zero, c31 = TW.Zero;
        TV c40 = TW.Zero, c41 = TW.Zero;
        TV c50 = TW.Zero, c51 = TW.Zero;
        TV c60 = TW.Zero, c61 = TW.Zero;
        TV c70 = TW.Zero, c71 = TW.Zero;
        TV c80 = TW.Zero, c81 = TW.Zero;
        TV c90 = TW.Zero, c91 = TW.Zero;
        TV cA0 = TW.Zero, cA1 = TW.Zero;
        TV cB0 = TW.Zero, cB1 = TW.Zero;
        // Three rows to a pointer: [p], [p + step], [p + 2·step] are addressing modes, and twelve rows need only four registers.
        float* a0 = a, a3 = a + (3 * rowStep), a6 = a + (6 * rowStep), a9 = a + (9 * rowStep);
        nint twoRows = 2 * rowStep;
        for (; depth > 0; depth--)
        {
            TV b0 = TW.Load(b), b1 = TVectors.Value > 1 ? TW.Load(b + TW.Lanes) : TW.Zero;
            TV x = TW.Broadcast(*a0);
            c00 = TW.Fma(x, b0, c00);
            if (TVectors.Value > 1) c01 = TW.Fma(x, b1, c01);
            if (TRows.Value > 1)
            {
                x = TW.Broadcast(a0[rowStep]);
                c10 = TW.Fma(x, b0, c10);
                if (TVectors.Value > 1) c11 = TW.Fma(x, b1, c11);
            }
            if (TRows.Value > 2)
            {
                x = TW.Broadcast(a0[twoRows]);
                c20 = TW.Fma(x, b0, c20);
                if (TVectors.Value > 1) c21 = TW.Fma(x, b1, c21);
            }
            if (TRows.Value > 3)
            {
                x = TW.Broadcast(*a3);
                c30 = TW.Fma(x, b0, c30);
                if (TVectors.Value > 1) c31 = TW.Fma(x, b1, c31);
            }
            if (TRows.Value > 4)
            {
                x = TW.Broadcast(a3[rowStep]);
                c40 = TW.Fma(x, b0, c40);
                if (TVectors.Value > 1) c41 = TW.Fma(x, b1, c41);
            }
            if (TRows.Value > 5)
            {
                x = TW.Broadcast(a3[twoRows]);
                c50 = TW.Fma(x, b0, c50);
                if (TVectors.Value > 1) c51 = TW.Fma(x, b1, c51);
            }
            if (TRows.Value > 6)
            {
                x = TW.Broadcast(*a6);
                c60 = TW.Fma(x, b0, c60);
                if (TVectors.Value > 1) c61 = TW.Fma(x, b1, c61);
            }
            if (TRows.Value > 7)
            {
                x = TW.Broadcast(a6[rowStep]);
                c70 = TW.Fma(x, b0, c70);
                if (TVectors.Value > 1) c71 = TW.Fma(x, b1, c71);
            }
            if (TRows.Value > 8)
            {
                x = TW.Broadcast(a6[twoRows]);
                c80 = TW.Fma(x, b0, c80);
                if (TVectors.Value > 1) c81 = TW.Fma(x, b1, c81);
            }
            if (TRows.Value > 9)
            {
                x = TW.Broadcast(*a9);
                c90 = TW.Fma(x, b0, c90);
                if (TVectors.Value > 1) c91 = TW.Fma(x, b1, c91);
            }
            if (TRows.Value > 10)
            {
                x = TW.Broadcast(a9[rowStep]);
                cA0 = TW.Fma(x, b0, cA0);
                if (TVectors.Value > 1) cA1 = TW.Fma(x, b1, cA1);
            }
            if (TRows.Value > 11)
            {
                x = TW.Broadcast(a9[twoRows]);
                cB0 = TW.Fma(x, b0, cB0);
                if (TVectors.Value > 1) cB1 = TW.Fma(x, b1, cB1);
            }
            a0 += depthStep;
            if (TRows.Value > 3) a3 += depthStep;
            if (TRows.Value > 6) a6 += depthStep;
            if (TRows.Value > 9) a9 += depthStep;
            b += stepB;
        }
        TV scale = TW.Broadcast(alpha);
        StoreRow<TW, TV, TVectors>(c00, c01, c, scale, accumulate);
        if (TRows.Value > 1) StoreRow<TW, TV, TVectors>(c10, c11, c + (1 * strideC), scale, accumulate);
        if (TRows.Value > 2) StoreRow<TW, TV, TVectors>(c20, c21, c + (2 * strideC), scale, accumulate);
        if (TRows.Value > 3) StoreRow<TW, TV, TVectors>(c30, c31, c + (3 * strideC), scale, accumulate);
        if (TRows.Value > 4) StoreRow<TW, TV, TVectors>(c40, c41, c + (4 * strideC), scale, accumulate);
        if (TRows.Value > 5) StoreRow<TW, TV, TVectors>(c50, c51, c + (5 * strideC), scale, accumulate);
        if (TRows.Value > 6) StoreRow<TW, TV, TVectors>(c60, c61, c + (6 * strideC), scale, accumulate);
        if (TRows.Value > 7) StoreRow<TW, TV, TVectors>(c70, c71, c + (7 * strideC), scale, accumulate);
        if (TRows.Value > 8) StoreRow<TW, TV, TVectors>(c80, c81, c + (8 * strideC), scale, accumulate);
        if (TRows.Value > 9) StoreRow<TW, TV, TVectors>(c90, c91, c + (9 * strideC), scale, accumulate);
        if (TRows.Value > 10) StoreRow<TW, TV, TVectors>(cA0, cA1, c + (10 * strideC), scale, accumulate);
        if (TRows.Value > 11) StoreRow<TW, TV, TVectors>(cB0, cB1, c + (11 * strideC), scale, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TW, TV, TVectors>(TV left, TV right, float* c, TV scale, bool accumulate)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TVectors : struct, ICount
    {
        if (accumulate)
        {
            TW.Store(TW.Fma(scale, left, TW.Load(c)), c);
            if (TVectors.Value > 1) TW.Store(TW.Fma(scale, right, TW.Load(c + TW.Lanes)), c + TW.Lanes);
            return;
        }
        TW.Store(TW.Multiply(scale, left), c);
        if (TVectors.Value > 1) TW.Store(TW.Multiply(scale, right), c + TW.Lanes);
    }

    /// <summary>A number as a type, for code that must know it at compile time.</summary>
    private interface ICount
    {
        static abstract int Value { get; }
    }

    private readonly struct Count1 : ICount
    {
        public static int Value => 1;
    }

    private readonly struct Count2 : ICount
    {
        public static int Value => 2;
    }

    private readonly struct Count3 : ICount
    {
        public static int Value => 3;
    }

    private readonly struct Count4 : ICount
    {
        public static int Value => 4;
    }

    private readonly struct Count5 : ICount
    {
        public static int Value => 5;
    }

    private readonly struct Count6 : ICount
    {
        public static int Value => 6;
    }

    private readonly struct Count7 : ICount
    {
        public static int Value => 7;
    }

    private readonly struct Count8 : ICount
    {
        public static int Value => 8;
    }

    private readonly struct Count9 : ICount
    {
        public static int Value => 9;
    }

    private readonly struct Count10 : ICount
    {
        public static int Value => 10;
    }

    private readonly struct Count11 : ICount
    {
        public static int Value => 11;
    }

    private readonly struct Count12 : ICount
    {
        public static int Value => 12;
    }
}
