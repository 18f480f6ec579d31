using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>C ← e(A·B) with a <see cref="PackedMatrix"/> B and few rows of A: nothing is packed, and every weight is read once.</summary>
/// <remarks>
/// The same chains of FMA as in <see cref="Gemm"/>: bit-equal to its product, for any number of rows and threads. Allocates nothing.
/// </remarks>
internal static unsafe class PackedProduct
{
    /// <summary>C ← e(A·B).</summary>
    /// <param name="context">Width and team.</param>
    /// <param name="a">A: [m × k].</param>
    /// <param name="b">B: [k × n].</param>
    /// <param name="c">C: [m × n]; must not overlap A. Only written.</param>
    /// <param name="epilogue">Applied once to every element of C.</param>
    /// <exception cref="ArgumentException">The shapes do not fit; C is untouched.</exception>
    public static void Multiply<TEpilogue>(KernelContext context, ReadOnlyMatrixView a, PackedMatrix b, MatrixView c, in TEpilogue epilogue)
        where TEpilogue : struct, IGemmEpilogue
    {
        if (a.Cols != b.Terms || c.Rows != a.Rows || c.Cols != b.Columns)
            throw new ArgumentException($"[{a.Rows} × {a.Cols}] times [{b.Terms} × {b.Columns}] is not [{c.Rows} × {c.Cols}].", nameof(c));
        fixed (float* pa = a, pc = c)
        {
            Driver<TEpilogue> driver = new(context, new Operands(pa, a.Stride, a.Rows, b, pc, c.Stride), epilogue);
            SimdLevel.Run(context.Width, ref driver);
        }
        // Its panels are reached through raw addresses only.
        GC.KeepAlive(b);
    }

    private readonly struct Operands(float* a, nint strideA, int rows, PackedMatrix b, float* c, nint strideC)
    {
        public readonly float* A = a;
        public readonly nint StrideA = strideA;
        public readonly int Rows = rows;
        public readonly PackedMatrix B = b;
        public readonly float* C = c;
        public readonly nint StrideC = strideC;
    }

    private readonly struct Driver<TEpilogue>(KernelContext context, Operands operands, TEpilogue epilogue) : IKernel
        where TEpilogue : struct, IGemmEpilogue
    {
        public void Run<TW, TV>()
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            // Parts are panels, so that no two workers write to one line of C.
            int panels = GemmPlan.Parts(operands.B.Columns, PackedMatrix.PanelColumns);
            bool serial = (long)operands.Rows * operands.B.Columns * operands.B.Terms < GemmBlocking.TeamThreshold;
            if (operands.Rows == 1) context.Run(WorkKind.Product, new RowJob<TW, TV, TEpilogue>(operands, epilogue), panels, serial ? panels : 2);
            else context.Run(WorkKind.Product, new RowsJob<TW, TV, TEpilogue>(operands, epilogue), panels, serial ? panels : 1);
        }
    }

    /// <summary>One row: up to four strips of two vectors at a time, whose chains hide each other's latency.</summary>
    private readonly struct RowJob<TW, TV, TEpilogue>(Operands operands, TEpilogue epilogue) : ITeamJob
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TEpilogue : struct, IGemmEpilogue
    {
        private static int Strip => 2 * TW.Lanes;

        public void Run(int worker, int first, int end)
        {
            int column = first * PackedMatrix.PanelColumns, last = Math.Min(end * PackedMatrix.PanelColumns, operands.B.Columns), start = column;
            for (; column + (4 * Strip) <= last; column += 4 * Strip) Strips4(column);
            for (; column < last; column += Strip) Strip1(column, Math.Min(Strip, last - column));
            Epilogue.Apply<TW, TV, TEpilogue>(epilogue, operands.C + start, operands.StrideC, 1, last - start, start);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private void Strips4(int column)
        {
            float* b0 = operands.B.Panel(column, out int stride0), b1 = operands.B.Panel(column + Strip, out int stride1);
            float* b2 = operands.B.Panel(column + (2 * Strip), out int stride2), b3 = operands.B.Panel(column + (3 * Strip), out int stride3);
            float* a = operands.A, c = operands.C + column;
            for (int depth = 0, left = operands.B.Terms; left > 0; depth += GemmBlocking.KC, left -= GemmBlocking.KC)
            {
                TV c0 = TW.Zero, c1 = TW.Zero, c2 = TW.Zero, c3 = TW.Zero, c4 = TW.Zero, c5 = TW.Zero, c6 = TW.Zero, c7 = TW.Zero;
                for (float* end = a + Math.Min(GemmBlocking.KC, left); a < end; a++, b0 += stride0, b1 += stride1, b2 += stride2, b3 += stride3)
                {
                    TV x = TW.Broadcast(*a);
                    c0 = TW.Fma(x, TW.Load(b0), c0);
                    c1 = TW.Fma(x, TW.Load(b0 + TW.Lanes), c1);
                    c2 = TW.Fma(x, TW.Load(b1), c2);
                    c3 = TW.Fma(x, TW.Load(b1 + TW.Lanes), c3);
                    c4 = TW.Fma(x, TW.Load(b2), c4);
                    c5 = TW.Fma(x, TW.Load(b2 + TW.Lanes), c5);
                    c6 = TW.Fma(x, TW.Load(b3), c6);
                    c7 = TW.Fma(x, TW.Load(b3 + TW.Lanes), c7);
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

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private void Strip1(int column, int columns)
        {
            float* sums = stackalloc float[2 * TW.Lanes];
            float* b = operands.B.Panel(column, out int stride), a = operands.A, c = operands.C + column;
            bool isPair = columns > TW.Lanes;
            for (int depth = 0, left = operands.B.Terms; left > 0; depth += GemmBlocking.KC, left -= GemmBlocking.KC)
            {
                TV c0 = TW.Zero, c1 = TW.Zero;
                float* end = a + Math.Min(GemmBlocking.KC, left);
                if (isPair)
                {
                    for (; a < end; a++, b += stride)
                    {
                        TV x = TW.Broadcast(*a);
                        c0 = TW.Fma(x, TW.Load(b), c0);
                        c1 = TW.Fma(x, TW.Load(b + TW.Lanes), c1);
                    }
                }
                else
                {
                    for (; a < end; a++, b += stride) c0 = TW.Fma(TW.Broadcast(*a), TW.Load(b), c0);
                }
                Put(c0, sums, depth);
                Put(c1, sums + TW.Lanes, depth);
            }
            new ReadOnlySpan<float>(sums, columns).CopyTo(new Span<float>(c, columns));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Put(TV sum, float* c, int depth) =>
            TW.Store(depth > 0 ? TW.Add(sum, TW.Load(c)) : sum, c);
    }

    /// <summary>Some rows: the micro-kernel on rows of A in place, strip after strip.</summary>
    private readonly struct RowsJob<TW, TV, TEpilogue>(Operands operands, TEpilogue epilogue) : ITeamJob
        where TW : struct, ISimdWidth<TV>
        where TV : struct
        where TEpilogue : struct, IGemmEpilogue
    {
        public void Run(int worker, int first, int end)
        {
            int mr = GemmBlocking.For<TW, TV>().MR, nr = 2 * TW.Lanes;
            int last = Math.Min(end * PackedMatrix.PanelColumns, operands.B.Columns);
            for (int column = first * PackedMatrix.PanelColumns; column < last; column += nr)
            {
                int columns = Math.Min(nr, last - column);
                for (int row = 0, height, tiles; row < operands.Rows; row += height * tiles)
                {
                    (height, tiles) = GemmPacking.EqualTiles(operands.Rows - row, mr);
                    // A tile that is not whole is computed beside C, and one at a time.
                    if (columns != nr && columns != TW.Lanes) Partial(row, height * tiles, mr, column, columns);
                    else Whole(row, height, tiles, column, columns, operands.C + (row * operands.StrideC) + column, operands.StrideC);
                }
                Epilogue.Apply<TW, TV, TEpilogue>(epilogue, operands.C + column, operands.StrideC, operands.Rows, columns, column);
            }
        }

        private void Whole(int row, int height, int tiles, int column, int columns, float* c, nint strideC)
        {
            float* b = operands.B.Panel(column, out int stride);
            for (int depth = 0; depth < operands.B.Terms; depth += GemmBlocking.KC)
            {
                TileColumn tile = new()
                {
                    Tiles = tiles,
                    Rows = height,
                    Vectors = columns > TW.Lanes ? 2 : 1,
                    Depth = Math.Min(GemmBlocking.KC, operands.B.Terms - depth),
                    A = operands.A + (row * operands.StrideA) + depth,
                    RowStepA = operands.StrideA,
                    TermStepA = 1,
                    TileStepA = height * operands.StrideA,
                    PackedB = stride == 2 * TW.Lanes,
                    B = b + ((nint)depth * stride),
                    StepB = stride,
                    C = c,
                    StrideC = strideC,
                    Alpha = 1,
                    Accumulate = depth > 0,
                };
                GemmKernel.Run<TW, TV>(tile);
            }
        }

        [SkipLocalsInit]
        private void Partial(int row, int rows, int mr, int column, int columns)
        {
            int stride = columns > TW.Lanes ? 2 * TW.Lanes : TW.Lanes;
            float* edge = stackalloc float[mr * stride];
            for (int height; rows > 0; row += height, rows -= height)
            {
                height = GemmPacking.TileRows(rows, mr);
                Whole(row, height, 1, column, columns, edge, stride);
                for (int i = 0; i < height; i++)
                    new ReadOnlySpan<float>(edge + (i * stride), columns).CopyTo(new Span<float>(operands.C + ((row + i) * operands.StrideC) + column, columns));
            }
        }
    }
}
