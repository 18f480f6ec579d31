using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// A worker's part of a product: rows of C, or columns, in blocks of A's rows against panels of B.
/// </summary>
internal unsafe struct GemmJob<TW, TV, TEpilogue>(GemmProblem problem, GemmPlan plan, float* panels, float* blocks, TEpilogue epilogue) : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
    where TEpilogue : struct, IGemmEpilogue
{
    // A block's mirror image is written in pieces whose lines stay in the L1 cache.
    private const int MirrorColumns = 64;

    private readonly GemmProblem _problem = problem;
    private readonly GemmPlan _plan = plan;
    private readonly TEpilogue _epilogue = epilogue;

    /// <summary>The pass to run when panels are shared.</summary>
    public GemmPass Shared { get; set; }

    /// <summary>C for k = 0: zeros, or C as it was, through the epilogue.</summary>
    public readonly void Finish()
    {
        for (int row = 0; !_problem.Accumulate && row < _problem.M; row++) new Span<float>(_problem.C + (row * _problem.StrideC), _problem.N).Clear();
        ApplyEpilogue(_problem.C, _problem.M, _problem.N, 0);
    }

    /// <inheritdoc />
    public readonly void Run(int worker, int workers)
    {
        float* block = blocks + ((nint)worker * _plan.BlockLength);
        if (!_plan.PrivatePanels)
        {
            (int first, int end) = _problem.LowerOnly
                ? TriangleRows(worker, workers)
                : Partition.Range(_problem.M, _plan.Blocking.MR, worker, workers);
            Rows(Shared, first, end, panels, block);
            return;
        }
        RunPrivate(worker, workers, panels + ((nint)worker * _plan.PanelLength), block);
    }

    private readonly void RunPrivate(int worker, int workers, float* ownPanels, float* block)
    {
        (int first, int end) = Partition.Range(_problem.N, _plan.Blocking.NR, worker, workers);
        for (int depth = 0; depth < _problem.K; depth += _plan.DepthPerPass)
        {
            int count = Math.Min(_plan.DepthPerPass, _problem.K - depth);
            for (int column = first; column < end; column += _plan.ColumnsPerPass)
            {
                GemmPass pass = new(column, Math.Min(_plan.ColumnsPerPass, end - column), depth, count);
                pass.Pack(_problem, _plan, ownPanels, 0, count);
                // One block of A that serves a whole pass over B is packed once.
                bool packed = column > first && _plan.RowsPerBlock >= _problem.M && count <= GemmBlocking.KC;
                Rows(pass, 0, _problem.M, ownPanels, block, packed);
            }
        }
    }

    private readonly void Rows(in GemmPass pass, int first, int end, float* passPanels, float* block, bool packed = false)
    {
        // Of the triangle, rows above the pass's first column hold nothing in it, and their mirror image may be final already.
        int start = _problem.LowerOnly ? Math.Max(first, pass.Column) : first;
        for (int row = start; row < end; row += _plan.RowsPerBlock)
        {
            int rows = Math.Min(_plan.RowsPerBlock, end - row);
            if (_problem.TransposedC) TransposedBlock(pass, row, rows, passPanels, block);
            else Block(pass, row, rows, Columns(pass, row + rows, end), passPanels, block, packed && start == first, _problem.C + (row * _problem.StrideC) + pass.Column, _problem.StrideC);
            if (_problem.Triangle == GemmTriangle.Mirrored && pass.Depth + pass.Count == _problem.K) Mirror(pass, row, rows);
        }
    }

    // Columns of a pass that a block needs. Of the triangle: whole panels up to the diagonal, but none of the columns that mirror the
    // rows of the next worker, which writes there.
    private readonly int Columns(in GemmPass pass, int blockEnd, int workerEnd) => _problem.LowerOnly
        ? Math.Clamp(Math.Min(GemmPlan.RoundUp(Math.Max(0, blockEnd - pass.Column), _plan.Blocking.NR), workerEnd - pass.Column), 0, pass.Columns)
        : pass.Columns;

    // The block's finished rows are still in the L2 cache.
    private readonly void Mirror(in GemmPass pass, int row, int rows)
    {
        nint stride = _problem.StrideC;
        int below = Math.Min(pass.Column + pass.Columns, row);
        for (int col = pass.Column; col < below; col += MirrorColumns)
        {
            int cols = Math.Min(MirrorColumns, below - col);
            Transposition.Copy(_problem.C + (row * stride) + col, stride, rows, cols, _problem.C + (col * stride) + row, stride);
        }
        for (int col = Math.Max(row, pass.Column); col < Math.Min(pass.Column + pass.Columns, row + rows); col++)
        {
            for (int i = col + 1; i < row + rows; i++) _problem.C[(col * stride) + i] = _problem.C[(i * stride) + col];
        }
    }

    // Rows of a triangle in parts of nearly equal area: rows 0 … r hold r² / 2 elements.
    private readonly (int First, int End) TriangleRows(int worker, int workers)
    {
        return (Bound(_problem.M, _plan.Blocking.MR, worker, workers), Bound(_problem.M, _plan.Blocking.MR, worker + 1, workers));

        static int Bound(int rows, int grain, int part, int parts) =>
            part == parts ? rows : Math.Min(rows, GemmPlan.RoundUp((int)(rows * Math.Sqrt((double)part / parts)), grain));
    }

    private readonly void TransposedBlock(in GemmPass pass, int row, int rows, float* passPanels, float* block)
    {
        // C is stored [N × M]: its rows are the block's columns.
        float* c = _problem.C + (pass.Column * _problem.StrideC) + row;
        int stride = _plan.StrideBlock;
        if (_problem.Accumulate || pass.Depth > 0) Transposition.Copy(c, _problem.StrideC, pass.Columns, rows, block, stride);
        Block(pass, row, rows, pass.Columns, passPanels, null, false, block, stride);
        Transposition.Copy(block, stride, rows, pass.Columns, c, _problem.StrideC);
        if (pass.Depth + pass.Count == _problem.K) ApplyEpilogue(c, pass.Columns, rows, row);
    }

    /// <summary>Rows [row, row + rows) of A against a pass's panels up to column <paramref name="end"/>, into C's part that starts at <paramref name="c"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Block(in GemmPass pass, int row, int rows, int end, float* passPanels, float* tiles, bool packed, float* c, nint strideC)
    {
        int mr = _plan.Blocking.MR, nr = _plan.Blocking.NR;
        float* edge = stackalloc float[mr * nr];
        int inPlace = _plan.InPlaceB ? pass.Columns / nr * nr : 0;
        nint panelStep = (nint)pass.Count * nr;
        for (int k = 0; k < pass.Count; k += GemmBlocking.KC)
        {
            int kc = Math.Min(GemmBlocking.KC, pass.Count - k);
            int depth = pass.Depth + k;
            bool accumulate = _problem.Accumulate || depth > 0;
            bool last = depth + kc == _problem.K && !_problem.TransposedC;
            float* a = _problem.A + (row * _problem.RowStepA) + (depth * _problem.DepthStepA);
            if (_plan.PacksA && !packed) PackTiles(a, rows, kc, tiles);
            for (int j = 0; j < end; j += nr)
            {
                int width = Math.Min(nr, end - j);
                int vectors = width > TW.Lanes ? 2 : 1;
                // A block of transposed C has room for whole tiles.
                bool whole = width == vectors * TW.Lanes || _problem.TransposedC;
                float* b = passPanels + ((j - inPlace) / nr * panelStep) + ((nint)k * nr);
                nint stepB = nr;
                if (j < inPlace)
                {
                    b = _problem.B + (depth * _problem.StrideB) + pass.Column + j;
                    stepB = _problem.StrideB;
                }
                for (int i = 0, height; i < rows; i += height)
                {
                    height = GemmPacking.TileRows(rows - i, mr);
                    if (_problem.LowerOnly && pass.Column + j >= row + i + height) continue;
                    float* tileA = _plan.PacksA ? tiles + ((nint)i * kc) : a + (i * _problem.RowStepA);
                    nint rowStep = _plan.PacksA ? 1 : _problem.RowStepA;
                    nint depthStep = _plan.PacksA ? height : 1;
                    float* tileC = c + (i * strideC) + j;
                    if (whole)
                    {
                        GemmKernel.Tile<TW, TV>(height, vectors, kc, tileA, rowStep, depthStep, b, stepB, tileC, strideC, _problem.Alpha, accumulate);
                    }
                    else
                    {
                        if (accumulate) CopyTile(tileC, strideC, edge, nr, height, width);
                        GemmKernel.Tile<TW, TV>(height, vectors, kc, tileA, rowStep, depthStep, b, stepB, edge, nr, _problem.Alpha, accumulate);
                        CopyTile(edge, nr, tileC, strideC, height, width);
                    }
                    if (last) ApplyEpilogue(tileC, height, width, pass.Column + j);
                }
            }
        }
    }

    private readonly void PackTiles(float* a, int rows, int depth, float* tiles)
    {
        if (_problem.DepthStepA == 1) GemmPacking.TilesTransposed(a, _problem.RowStepA, rows, depth, tiles, _plan.Blocking.MR);
        else GemmPacking.Tiles(a, _problem.DepthStepA, rows, depth, tiles, _plan.Blocking.MR);
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
        TEpilogue e = _epilogue;
        for (int row = 0; row < rows; row++, c += _problem.StrideC)
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
}
