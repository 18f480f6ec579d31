using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// The micro-kernel: a tile of C, up to 12 rows × 2 vectors, stays in registers while k runs. Each step loads a row of B's panel and
/// broadcasts one element of each row of A: 24 FMA for 14 loads at 12 × 2, 12 for 8 at 6 × 2.
/// </summary>
/// <remarks>
/// Every element is one chain of FMA over k from 0, then α times it is stored or added: the same operations in a tile of any shape.
/// Four steps to a loop, at offsets that the compiler knows where operands are packed: what is not FMA or load is then a twentieth of
/// the instructions, which counts where a core's front end is shared with another thread.
/// </remarks>
internal static unsafe class GemmKernel
{
    /// <summary>Terms in a turn of the loop.</summary>
    public const int Unroll = 4;

    /// <summary>C ← α·A·B or C ← C + α·A·B for a column of tiles.</summary>
    public static void Run<TW, TV>(in TileColumn column)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        if (column.PackedA)
        {
            if (column.Panel != null) Run<TW, TV, Packed, PackedOnTheWay>(column);
            else if (!column.Ahead.IsNone) Run<TW, TV, Packed, PackedAhead>(column);
            else if (column.PackedB) Run<TW, TV, Packed, Packed>(column);
            else Run<TW, TV, Packed, InPlace>(column);
        }
        else if (column.Block != null) Run<TW, TV, PackedOnTheWay, Packed>(column);
        else if (column.PackedB) Run<TW, TV, RowMajor, Packed>(column);
        else Run<TW, TV, RowMajor, InPlace>(column);
    }

    private static void Run<TW, TV, TA, TB>(in TileColumn column)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TA : struct, IOperand
        where TB : struct, IOperand
    {
        if (column.Vectors == 2) Run<TW, TV, TA, TB, Count2>(column);
        else Run<TW, TV, TA, TB, Count1>(column);
    }

    private static void Run<TW, TV, TA, TB, TVectors>(in TileColumn column)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TVectors : unmanaged, ICount
    {
        switch (column.Rows)
        {
            case 1: Run<TW, TV, TA, TB, TVectors, Count1>(column); break;
            case 2: Run<TW, TV, TA, TB, TVectors, Count2>(column); break;
            case 3: Run<TW, TV, TA, TB, TVectors, Count3>(column); break;
            case 4: Run<TW, TV, TA, TB, TVectors, Count4>(column); break;
            case 5: Run<TW, TV, TA, TB, TVectors, Count5>(column); break;
            case 6: Run<TW, TV, TA, TB, TVectors, Count6>(column); break;
            default:
                // Only AVX-512 has registers for taller tiles; the constant spares the other widths their code.
                if (TW.Lanes == 16) RunTall<TW, TV, TA, TB, TVectors>(column);
                break;
        }
    }

    private static void RunTall<TW, TV, TA, TB, TVectors>(in TileColumn column)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TVectors : unmanaged, ICount
    {
        switch (column.Rows)
        {
            case 7: Run<TW, TV, TA, TB, TVectors, Count7>(column); break;
            case 8: Run<TW, TV, TA, TB, TVectors, Count8>(column); break;
            case 9: Run<TW, TV, TA, TB, TVectors, Count9>(column); break;
            case 10: Run<TW, TV, TA, TB, TVectors, Count10>(column); break;
            case 11: Run<TW, TV, TA, TB, TVectors, Count11>(column); break;
            default: Run<TW, TV, TA, TB, TVectors, Count12>(column); break;
        }
    }

    // The counts are compile-time constants: rows and vectors that a tile lacks leave no code.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TW, TV, TA, TB, TVectors, TRows>(in TileColumn column)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TA : struct, IOperand
        where TB : struct, IOperand
        where TVectors : unmanaged, ICount
        where TRows : unmanaged, ICount
    {
        nint rowStep = TA.RowStep(column.RowStepA), stepA = TA.TermStep(column.TermStepA, sizeof(TRows)), stepB = TB.TermStep(column.StepB, 2 * TW.Lanes), aheadStep = column.Ahead.Step;
        int stepPanel = 2 * TW.Lanes, stepBlock = sizeof(TRows);
        uint termB = (uint)(2 * TW.Lanes * sizeof(float)), termA = (uint)(sizeof(TRows) * sizeof(float));
        float* tileA = column.A, c = column.C, block = column.Block;
        for (int tile = column.Tiles; tile > 0; tile--, tileA += column.TileStepA)
        {
            Prefetch<TW, TV, TVectors, TRows>(c, column.StrideC);
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
            float* a0 = tileA, a3 = a0 + (3 * rowStep), a6 = a0 + (6 * rowStep), a9 = a0 + (9 * rowStep), b = column.B;
            nint depth = column.Depth;
            float* panel = column.Panel, ahead = null;
            if (TB.FetchesAhead) ahead = column.Ahead.Of(column.FirstTile + column.Tiles - tile);
            for (; depth >= Unroll; depth -= Unroll, b += Unroll * stepB)
            {
                Step<TW, TV, TVectors, TRows>(a0, a3, a6, a9, 0, rowStep, b, 0,
                    ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51,
                    ref c60, ref c61, ref c70, ref c71, ref c80, ref c81, ref c90, ref c91, ref cA0, ref cA1, ref cB0, ref cB1);
                Step<TW, TV, TVectors, TRows>(a0, a3, a6, a9, stepA, rowStep, b, stepB,
                    ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51,
                    ref c60, ref c61, ref c70, ref c71, ref c80, ref c81, ref c90, ref c91, ref cA0, ref cA1, ref cB0, ref cB1);
                Step<TW, TV, TVectors, TRows>(a0, a3, a6, a9, 2 * stepA, rowStep, b, 2 * stepB,
                    ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51,
                    ref c60, ref c61, ref c70, ref c71, ref c80, ref c81, ref c90, ref c91, ref cA0, ref cA1, ref cB0, ref cB1);
                Step<TW, TV, TVectors, TRows>(a0, a3, a6, a9, 3 * stepA, rowStep, b, 3 * stepB,
                    ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51,
                    ref c60, ref c61, ref c70, ref c71, ref c80, ref c81, ref c90, ref c91, ref cA0, ref cA1, ref cB0, ref cB1);
                if (TB.FetchesAhead && Sse.IsSupported) Sse.Prefetch1(ahead);
                if (TB.FetchesAhead) ahead += aheadStep;
                if (TB.Packs)
                {
                    Unsafe.CopyBlockUnaligned(panel, b, termB);
                    Unsafe.CopyBlockUnaligned(panel + stepPanel, b + stepB, termB);
                    Unsafe.CopyBlockUnaligned(panel + (2 * stepPanel), b + (2 * stepB), termB);
                    Unsafe.CopyBlockUnaligned(panel + (3 * stepPanel), b + (3 * stepB), termB);
                    panel += Unroll * stepPanel;
                }
                if (TA.Packs)
                {
                    Unsafe.CopyBlockUnaligned(block, a0, termA);
                    Unsafe.CopyBlockUnaligned(block + stepBlock, a0 + stepA, termA);
                    Unsafe.CopyBlockUnaligned(block + (2 * stepBlock), a0 + (2 * stepA), termA);
                    Unsafe.CopyBlockUnaligned(block + (3 * stepBlock), a0 + (3 * stepA), termA);
                    block += Unroll * stepBlock;
                }
                a0 += Unroll * stepA;
                if (sizeof(TRows) > 3) a3 += Unroll * stepA;
                if (sizeof(TRows) > 6) a6 += Unroll * stepA;
                if (sizeof(TRows) > 9) a9 += Unroll * stepA;
            }
            for (; depth > 0; depth--, b += stepB)
            {
                Step<TW, TV, TVectors, TRows>(a0, a3, a6, a9, 0, rowStep, b, 0,
                    ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51,
                    ref c60, ref c61, ref c70, ref c71, ref c80, ref c81, ref c90, ref c91, ref cA0, ref cA1, ref cB0, ref cB1);
                if (TB.Packs)
                {
                    Unsafe.CopyBlockUnaligned(panel, b, termB);
                    panel += stepPanel;
                }
                if (TA.Packs)
                {
                    Unsafe.CopyBlockUnaligned(block, a0, termA);
                    block += stepBlock;
                }
                a0 += stepA;
                if (sizeof(TRows) > 3) a3 += stepA;
                if (sizeof(TRows) > 6) a6 += stepA;
                if (sizeof(TRows) > 9) a9 += stepA;
            }
            TV scale = TW.Broadcast(column.Alpha);
            Store<TW, TV, TVectors>(c00, c01, c, scale, column.Accumulate);
            if (sizeof(TRows) > 1) Store<TW, TV, TVectors>(c10, c11, c + (1 * column.StrideC), scale, column.Accumulate);
            if (sizeof(TRows) > 2) Store<TW, TV, TVectors>(c20, c21, c + (2 * column.StrideC), scale, column.Accumulate);
            if (sizeof(TRows) > 3) Store<TW, TV, TVectors>(c30, c31, c + (3 * column.StrideC), scale, column.Accumulate);
            if (sizeof(TRows) > 4) Store<TW, TV, TVectors>(c40, c41, c + (4 * column.StrideC), scale, column.Accumulate);
            if (sizeof(TRows) > 5) Store<TW, TV, TVectors>(c50, c51, c + (5 * column.StrideC), scale, column.Accumulate);
            if (sizeof(TRows) > 6) Store<TW, TV, TVectors>(c60, c61, c + (6 * column.StrideC), scale, column.Accumulate);
            if (sizeof(TRows) > 7) Store<TW, TV, TVectors>(c70, c71, c + (7 * column.StrideC), scale, column.Accumulate);
            if (sizeof(TRows) > 8) Store<TW, TV, TVectors>(c80, c81, c + (8 * column.StrideC), scale, column.Accumulate);
            if (sizeof(TRows) > 9) Store<TW, TV, TVectors>(c90, c91, c + (9 * column.StrideC), scale, column.Accumulate);
            if (sizeof(TRows) > 10) Store<TW, TV, TVectors>(cA0, cA1, c + (10 * column.StrideC), scale, column.Accumulate);
            if (sizeof(TRows) > 11) Store<TW, TV, TVectors>(cB0, cB1, c + (11 * column.StrideC), scale, column.Accumulate);
            c += sizeof(TRows) * column.StrideC;
        }
    }

    // C is needed at the tile's end alone, where nothing else would hide the way from the outer caches.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<TW, TV, TVectors, TRows>(float* c, nint stride)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TVectors : unmanaged, ICount
        where TRows : unmanaged, ICount
    {
        if (!Sse.IsSupported) return;
        for (int row = 0; row < sizeof(TRows); row++, c += stride)
        {
            Sse.Prefetch0(c);
            Sse.Prefetch0(c + (sizeof(TVectors) * TW.Lanes) - 1);
        }
    }

    // One term of every element's sum.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TW, TV, TVectors, TRows>(
        float* a0, float* a3, float* a6, float* a9, nint termA, nint rowStep, float* b, nint termB,
        ref TV c00, ref TV c01, ref TV c10, ref TV c11, ref TV c20, ref TV c21, ref TV c30, ref TV c31,
        ref TV c40, ref TV c41, ref TV c50, ref TV c51, ref TV c60, ref TV c61, ref TV c70, ref TV c71,
        ref TV c80, ref TV c81, ref TV c90, ref TV c91, ref TV cA0, ref TV cA1, ref TV cB0, ref TV cB1)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TVectors : unmanaged, ICount
        where TRows : unmanaged, ICount
    {
        TV b0 = TW.Load(b + termB), b1 = sizeof(TVectors) > 1 ? TW.Load(b + termB + TW.Lanes) : TW.Zero;
        Row<TW, TV, TVectors>(*(a0 + termA), b0, b1, ref c00, ref c01);
        if (sizeof(TRows) > 1) Row<TW, TV, TVectors>(*(a0 + rowStep + termA), b0, b1, ref c10, ref c11);
        if (sizeof(TRows) > 2) Row<TW, TV, TVectors>(*(a0 + (2 * rowStep) + termA), b0, b1, ref c20, ref c21);
        if (sizeof(TRows) > 3) Row<TW, TV, TVectors>(*(a3 + termA), b0, b1, ref c30, ref c31);
        if (sizeof(TRows) > 4) Row<TW, TV, TVectors>(*(a3 + rowStep + termA), b0, b1, ref c40, ref c41);
        if (sizeof(TRows) > 5) Row<TW, TV, TVectors>(*(a3 + (2 * rowStep) + termA), b0, b1, ref c50, ref c51);
        if (sizeof(TRows) > 6) Row<TW, TV, TVectors>(*(a6 + termA), b0, b1, ref c60, ref c61);
        if (sizeof(TRows) > 7) Row<TW, TV, TVectors>(*(a6 + rowStep + termA), b0, b1, ref c70, ref c71);
        if (sizeof(TRows) > 8) Row<TW, TV, TVectors>(*(a6 + (2 * rowStep) + termA), b0, b1, ref c80, ref c81);
        if (sizeof(TRows) > 9) Row<TW, TV, TVectors>(*(a9 + termA), b0, b1, ref c90, ref c91);
        if (sizeof(TRows) > 10) Row<TW, TV, TVectors>(*(a9 + rowStep + termA), b0, b1, ref cA0, ref cA1);
        if (sizeof(TRows) > 11) Row<TW, TV, TVectors>(*(a9 + (2 * rowStep) + termA), b0, b1, ref cB0, ref cB1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<TW, TV, TVectors>(float element, TV b0, TV b1, ref TV left, ref TV right)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TVectors : unmanaged, ICount
    {
        TV x = TW.Broadcast(element);
        left = TW.Fma(x, b0, left);
        if (sizeof(TVectors) > 1) right = TW.Fma(x, b1, right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TW, TV, TVectors>(TV left, TV right, float* c, TV scale, bool accumulate)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TVectors : unmanaged, ICount
    {
        if (accumulate)
        {
            TW.Store(TW.Fma(scale, left, TW.Load(c)), c);
            if (sizeof(TVectors) > 1) TW.Store(TW.Fma(scale, right, TW.Load(c + TW.Lanes)), c + TW.Lanes);
            return;
        }
        TW.Store(TW.Multiply(scale, left), c);
        if (sizeof(TVectors) > 1) TW.Store(TW.Multiply(scale, right), c + TW.Lanes);
    }

    /// <summary>How an operand lies, as a type, so that steps between packed elements are constants.</summary>
    private interface IOperand
    {
        /// <summary>Whether the kernel packs what it reads in place.</summary>
        static abstract bool Packs { get; }

        /// <summary>Whether it fetches a later panel beside.</summary>
        static abstract bool FetchesAhead { get; }

        /// <summary>Floats between rows of A.</summary>
        static abstract nint RowStep(nint inPlace);

        /// <summary>Floats between terms.</summary>
        static abstract nint TermStep(nint inPlace, int packed);
    }

    private readonly struct Packed : IOperand
    {
        public static bool Packs => false;

        public static bool FetchesAhead => false;

        public static nint RowStep(nint inPlace) => 1;

        public static nint TermStep(nint inPlace, int packed) => packed;
    }

    private readonly struct PackedAhead : IOperand
    {
        public static bool Packs => false;

        public static bool FetchesAhead => true;

        public static nint RowStep(nint inPlace) => 1;

        public static nint TermStep(nint inPlace, int packed) => packed;
    }

    /// <summary>B, or Aᵀ: its rows are the terms.</summary>
    private readonly struct PackedOnTheWay : IOperand
    {
        public static bool Packs => true;

        public static bool FetchesAhead => true;

        public static nint RowStep(nint inPlace) => 1;

        public static nint TermStep(nint inPlace, int packed) => inPlace;
    }

    private readonly struct InPlace : IOperand
    {
        public static bool Packs => false;

        public static bool FetchesAhead => false;

        public static nint RowStep(nint inPlace) => 1;

        public static nint TermStep(nint inPlace, int packed) => inPlace;
    }

    /// <summary>A in place: its columns are the terms.</summary>
    private readonly struct RowMajor : IOperand
    {
        public static bool Packs => false;

        public static bool FetchesAhead => false;

        public static nint RowStep(nint inPlace) => inPlace;

        public static nint TermStep(nint inPlace, int packed) => 1;
    }

    /// <summary>
    /// A number as a type, for code that must know it at compile time: the type's size, which the JIT knows when it reads a condition, so
    /// that it never reads what rows that are not there would do. Most of a program's start is compiling these kernels.
    /// </summary>
    private interface ICount;

    [StructLayout(LayoutKind.Sequential, Size = 1)]
    private readonly struct Count1 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 2)]
    private readonly struct Count2 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 3)]
    private readonly struct Count3 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 4)]
    private readonly struct Count4 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 5)]
    private readonly struct Count5 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 6)]
    private readonly struct Count6 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 7)]
    private readonly struct Count7 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 8)]
    private readonly struct Count8 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 9)]
    private readonly struct Count9 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 10)]
    private readonly struct Count10 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 11)]
    private readonly struct Count11 : ICount;

    [StructLayout(LayoutKind.Sequential, Size = 12)]
    private readonly struct Count12 : ICount;
}
