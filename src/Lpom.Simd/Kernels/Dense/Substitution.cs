using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Forward substitution with a small triangular block: the base case of the blocked triangular solves and of Cholesky.</summary>
/// <remarks>
/// Eight vectors of a row of unknowns stay in registers while the earlier rows, in the L1 cache, are subtracted. Every element is one
/// FMA chain and one operation by the pivot, so that it does not depend on how columns are split.
/// </remarks>
internal static unsafe class Substitution
{
    /// <summary>Vectors of a row in registers.</summary>
    private const int RowVectors = 8;

    /// <summary>
    /// T·Y = B in place, T lower triangular. Negative steps run from the last element, which turns an upper triangular T around.
    /// </summary>
    /// <param name="t">T's element (0, 0); element (i, j) stands at i · <paramref name="rowStep"/> + j · <paramref name="colStep"/>.</param>
    /// <param name="rowStep">Floats between T's rows.</param>
    /// <param name="colStep">Floats between T's columns.</param>
    /// <param name="size">T's order.</param>
    /// <param name="b">B's row 0; B is [size × columns].</param>
    /// <param name="strideB">Floats between B's rows.</param>
    /// <param name="columns">Right-hand sides.</param>
    public static void Solve<TW, TV>(float* t, nint rowStep, nint colStep, int size, float* b, nint strideB, int columns)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        int column = 0;
        for (; column + (RowVectors * TW.Lanes) <= columns; column += RowVectors * TW.Lanes)
            SolveWide<TW, TV>(t, rowStep, colStep, size, b + column, strideB);
        for (; column + TW.Lanes <= columns; column += TW.Lanes) SolveNarrow<TW, TV>(t, rowStep, colStep, size, b + column, strideB);
        for (; column < columns; column++) SolveNarrow<WidthScalar, float>(t, rowStep, colStep, size, b + column, strideB);
    }

    /// <summary>Row ← row − Σⱼ tⱼ · (row j of <paramref name="b"/>), j &lt; <paramref name="count"/>, over 4 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SubtractRows4<TW, TV>(float* t, nint colStep, int count, float* b, nint strideB, float* row)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV y0 = TW.Load(row), y1 = TW.Load(row + TW.Lanes), y2 = TW.Load(row + (2 * TW.Lanes)), y3 = TW.Load(row + (3 * TW.Lanes));
        for (int j = 0; j < count; j++, t += colStep, b += strideB)
        {
            TV x = TW.Broadcast(-*t);
            y0 = TW.Fma(x, TW.Load(b), y0);
            y1 = TW.Fma(x, TW.Load(b + TW.Lanes), y1);
            y2 = TW.Fma(x, TW.Load(b + (2 * TW.Lanes)), y2);
            y3 = TW.Fma(x, TW.Load(b + (3 * TW.Lanes)), y3);
        }
        TW.Store(y0, row);
        TW.Store(y1, row + TW.Lanes);
        TW.Store(y2, row + (2 * TW.Lanes));
        TW.Store(y3, row + (3 * TW.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SolveWide<TW, TV>(float* t, nint rowStep, nint colStep, int size, float* b, nint strideB)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        float* row = b;
        for (int i = 0; i < size; i++, t += rowStep, row += strideB)
        {
            TV y0 = TW.Load(row), y1 = TW.Load(row + TW.Lanes), y2 = TW.Load(row + (2 * TW.Lanes)), y3 = TW.Load(row + (3 * TW.Lanes));
            TV y4 = TW.Load(row + (4 * TW.Lanes)), y5 = TW.Load(row + (5 * TW.Lanes));
            TV y6 = TW.Load(row + (6 * TW.Lanes)), y7 = TW.Load(row + (7 * TW.Lanes));
            float* coefficient = t, y = b;
            for (int j = 0; j < i; j++, coefficient += colStep, y += strideB)
            {
                TV x = TW.Broadcast(-*coefficient);
                y0 = TW.Fma(x, TW.Load(y), y0);
                y1 = TW.Fma(x, TW.Load(y + TW.Lanes), y1);
                y2 = TW.Fma(x, TW.Load(y + (2 * TW.Lanes)), y2);
                y3 = TW.Fma(x, TW.Load(y + (3 * TW.Lanes)), y3);
                y4 = TW.Fma(x, TW.Load(y + (4 * TW.Lanes)), y4);
                y5 = TW.Fma(x, TW.Load(y + (5 * TW.Lanes)), y5);
                y6 = TW.Fma(x, TW.Load(y + (6 * TW.Lanes)), y6);
                y7 = TW.Fma(x, TW.Load(y + (7 * TW.Lanes)), y7);
            }
            TV pivot = TW.Broadcast(*coefficient);
            TW.Store(TW.Divide(y0, pivot), row);
            TW.Store(TW.Divide(y1, pivot), row + TW.Lanes);
            TW.Store(TW.Divide(y2, pivot), row + (2 * TW.Lanes));
            TW.Store(TW.Divide(y3, pivot), row + (3 * TW.Lanes));
            TW.Store(TW.Divide(y4, pivot), row + (4 * TW.Lanes));
            TW.Store(TW.Divide(y5, pivot), row + (5 * TW.Lanes));
            TW.Store(TW.Divide(y6, pivot), row + (6 * TW.Lanes));
            TW.Store(TW.Divide(y7, pivot), row + (7 * TW.Lanes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SolveNarrow<TW, TV>(float* t, nint rowStep, nint colStep, int size, float* b, nint strideB)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        float* row = b;
        for (int i = 0; i < size; i++, t += rowStep, row += strideB)
        {
            TV sum = TW.Load(row);
            float* coefficient = t, y = b;
            for (int j = 0; j < i; j++, coefficient += colStep, y += strideB) sum = TW.Fma(TW.Broadcast(-*coefficient), TW.Load(y), sum);
            TW.Store(TW.Divide(sum, TW.Broadcast(*coefficient)), row);
        }
    }
}
