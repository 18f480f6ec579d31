using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// One pass of a product: columns [column, column + columns) of C, terms [depth, depth + count), B in panels. Each worker has a part
/// of C's rows, or of its columns when there are too few rows.
/// </summary>
internal unsafe struct GemmJob<TW, TV, TEpilogue> : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
    where TEpilogue : struct, IGemmEpilogue
{
    private readonly GemmBlocking blocking;
    private readonly GemmProblem problem;
    private readonly int column;
    private readonly int columns;
    private readonly bool splitColumns;
    private readonly bool inPlaceB;
    private readonly float* blocks;
    private readonly nint blockLength;
    private readonly nint strideBlock;
    private readonly TEpilogue epilogue;
    private float* panels;
    private nint panelStep;
    private int depth;
    private int count;

    /// <summary>Lays out scratch for a pass over the given columns.</summary>
    public GemmJob(
        KernelContext context, GemmBlocking blocking, in GemmProblem problem, int column, int columns, int workers, in TEpilogue epilogue)
    {
        this.blocking = blocking;
        this.problem = problem;
        this.column = column;
        this.columns = columns;
        this.epilogue = epilogue;
        inPlaceB = !problem.TransposedB && problem.M <= blocking.SmallRows;
        PackedDepth = blocking.PackedDepth(inPlaceB ? blocking.NR : columns, problem.K);
        splitColumns = !problem.LowerOnly && problem.M < 2 * blocking.MR * workers && columns > problem.M;
        int paddedColumns = RoundUp(columns, blocking.NR);
        strideBlock = paddedColumns + (paddedColumns % 256 == 0 ? 16 : 0);
        if (problem.TransposedC) blockLength = blocking.MC * strideBlock;
        else if (problem.DepthStepA != 1) blockLength = blocking.MC * Math.Min(GemmBlocking.KC, PackedDepth);
        if (blockLength > 0) blocks = context.Scratch(ScratchSlot.Blocks, checked((int)blockLength * workers));
    }

    /// <summary>Terms per pass.</summary>
    public int PackedDepth { get; }

    private readonly bool PacksA => problem.DepthStepA != 1;

    /// <summary>Begins the pass over terms from <paramref name="first"/>; the result packs B for it and must run before this job.</summary>
    public GemmPackingJob Start(KernelContext context, int first)
    {
        depth = first;
        count = Math.Min(PackedDepth, problem.K - first);
        panelStep = (nint)count * blocking.NR;
        int inPlace = inPlaceB ? columns / blocking.NR * blocking.NR : 0;
        int packed = columns - inPlace;
        float* scratch = context.Scratch(ScratchSlot.Panels, checked((int)(panelStep * (RoundUp(packed, blocking.NR) / blocking.NR))));
        panels = scratch - (inPlace / blocking.NR * panelStep);
        float* b = problem.TransposedB
            ? problem.B + ((column + inPlace) * problem.StrideB) + first
            : problem.B + (first * problem.StrideB) + column + inPlace;
        return new GemmPackingJob
        {
            B = b,
            StrideB = problem.StrideB,
            Transposed = problem.TransposedB,
            Columns = packed,
            Depth = count,
            Panels = scratch,
            PanelStep = panelStep,
            NR = blocking.NR,
        };
    }

    /// <summary>C for k = 0: zeros, or C as it was, through the epilogue.</summary>
    public readonly void Finish()
    {
        float* c = problem.C + column;
        for (int row = 0; !problem.Accumulate && row < problem.M; row++) new Span<float>(c + (row * problem.StrideC), columns).Clear();
        ApplyEpilogue(c, problem.M, columns, column);
    }

    /// <inheritdoc />
    public readonly void Run(int worker, int workers)
    {
        (int firstRow, int endRow) = (0, problem.M);
        (int first, int end) = (0, columns);
        if (splitColumns) (first, end) = Partition.Range(columns, blocking.NR, worker, workers);
        else if (problem.LowerOnly) (firstRow, endRow) = TriangleRows(worker, workers);
        else (firstRow, endRow) = Partition.Range(problem.M, blocking.MR, worker, workers);
        float* block = blocks + (worker * blockLength);
        for (int row = firstRow; row < endRow; row += blocking.MC)
        {
            int rows = Math.Min(blocking.MC, endRow - row);
            if (problem.TransposedC) TransposedBlock(row, rows, first, end, block);
            else Block(row, rows, first, end, block, problem.C + (row * problem.StrideC) + column + first, problem.StrideC);
        }
    }

    // Rows of a triangle in parts of nearly equal area: rows 0 … r hold r² / 2 elements.
    private readonly (int First, int End) TriangleRows(int worker, int workers)
    {
        return (Bound(problem.M, blocking.MR, worker, workers), Bound(problem.M, blocking.MR, worker + 1, workers));

        static int Bound(int rows, int grain, int part, int parts) =>
            part == parts ? rows : Math.Min(rows, RoundUp((int)(rows * Math.Sqrt((double)part / parts)), grain));
    }

    private readonly void TransposedBlock(int row, int rows, int first, int end, float* block)
    {
        if (end <= first) return;
        // C is stored [N × M]: its rows first … end − 1 are the block's columns.
        float* c = problem.C + ((column + first) * problem.StrideC) + row;
        if (problem.Accumulate || depth > 0) Transposition.Copy(c, problem.StrideC, end - first, rows, block, strideBlock);
        Block(row, rows, first, end, null, block, strideBlock);
        Transposition.Copy(block, strideBlock, rows, end - first, c, problem.StrideC);
        if (depth + count == problem.K) ApplyEpilogue(c, end - first, rows, row);
    }

    /// <summary>Rows [row, row + rows) of A against panels [first, end) into <paramref name="c"/>, all terms of the pass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Block(int row, int rows, int first, int end, float* tiles, float* c, nint strideC)
    {
        int mr = blocking.MR, nr = blocking.NR;
        float* edge = stackalloc float[mr * nr];
        if (problem.LowerOnly) end = Math.Min(end, RoundUp(Math.Max(0, row + rows - column), nr));
        for (int k = 0; k < count; k += GemmBlocking.KC)
        {
            int kc = Math.Min(GemmBlocking.KC, count - k);
            bool accumulate = problem.Accumulate || depth + k > 0;
            bool last = depth + k + kc == problem.K && !problem.TransposedC;
            float* a = problem.A + (row * problem.RowStepA) + ((depth + k) * problem.DepthStepA);
            if (PacksA) GemmPacking.Tiles(a, problem.DepthStepA, rows, kc, tiles, mr);
            for (int j = first; j < end; j += nr)
            {
                int width = Math.Min(nr, end - j);
                int vectors = width > TW.Lanes ? 2 : 1;
                // A block of transposed C has room for whole tiles.
                bool whole = width == vectors * TW.Lanes || problem.TransposedC;
                float* b = panels + (j / nr * panelStep) + ((nint)k * nr);
                nint stepB = nr;
                if (inPlaceB && j + nr <= columns)
                {
                    b = problem.B + ((depth + k) * problem.StrideB) + column + j;
                    stepB = problem.StrideB;
                }
                for (int i = 0, height; i < rows; i += height)
                {
                    height = GemmPacking.TileRows(rows - i, mr);
                    if (problem.LowerOnly && column + j >= row + i + height) continue;
                    float* tileA = PacksA ? tiles + ((nint)i * kc) : a + (i * problem.RowStepA);
                    nint rowStep = PacksA ? 1 : problem.RowStepA;
                    nint depthStep = PacksA ? height : 1;
                    float* tileC = c + (i * strideC) + (j - first);
                    if (whole)
                    {
                        GemmKernel.Tile<TW, TV>(height, vectors, kc, tileA, rowStep, depthStep, b, stepB, tileC, strideC, problem.Alpha, accumulate);
                    }
                    else
                    {
                        if (accumulate) CopyTile(tileC, strideC, edge, nr, height, width);
                        GemmKernel.Tile<TW, TV>(height, vectors, kc, tileA, rowStep, depthStep, b, stepB, edge, nr, problem.Alpha, accumulate);
                        CopyTile(edge, nr, tileC, strideC, height, width);
                    }
                    if (last) ApplyEpilogue(tileC, height, width, column + j);
                }
            }
        }
    }

    // The tile is still in the L1 cache.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void ApplyEpilogue(float* c, int rows, int cols, int firstColumn)
    {
        if (typeof(TEpilogue) != typeof(IdentityEpilogue)) Apply(c, rows, cols, firstColumn);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Apply(float* c, int rows, int cols, int firstColumn)
    {
        TEpilogue e = epilogue;
        for (int row = 0; row < rows; row++, c += problem.StrideC)
        {
            int col = 0;
            for (; col + TW.Lanes <= cols; col += TW.Lanes) TW.Store(e.Apply<TW, TV>(TW.Load(c + col), firstColumn + col), c + col);
            for (; col < cols; col++) c[col] = e.Apply<WidthScalar, float>(c[col], firstColumn + col);
        }
    }

    private static void CopyTile(float* from, nint strideFrom, float* to, nint strideTo, int rows, int cols)
    {
        for (int row = 0; row < rows; row++, from += strideFrom, to += strideTo)
        {
            for (int col = 0; col < cols; col++) to[col] = from[col];
        }
    }

    private static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;
}
