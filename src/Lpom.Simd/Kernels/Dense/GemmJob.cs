using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// A worker's part of a product: rows of C, or columns, in blocks of A's rows against panels of B.
/// </summary>
internal unsafe struct GemmJob<TW, TV, TEpilogue>(
    GemmProblem problem, GemmPlan plan, float* panels, float* blocks, TEpilogue epilogue, WorkProfile? profile) : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
    where TEpilogue : struct, IGemmEpilogue
{
    // A block's mirror image is written in pieces whose lines stay in the L1 cache.
    private const int MirrorColumns = 64;
    private const int MirrorSquare = 16;

    private readonly GemmProblem _problem = problem;
    private readonly GemmPlan _plan = plan;
    private readonly TEpilogue _epilogue = epilogue;

    /// <summary>The pass to run.</summary>
    public GemmPass Pass { get; set; }

    /// <summary>C for k = 0: zeros, or C as it was, through the epilogue.</summary>
    public readonly void Finish()
    {
        for (int row = 0; !_problem.Accumulate && row < _problem.M; row++) new Span<float>(_problem.C + (row * _problem.StrideC), _problem.N).Clear();
        ApplyEpilogue(_problem.C, _problem.M, _problem.N, 0);
    }

    /// <inheritdoc />
    public readonly void Run(int worker, int first, int end)
    {
        if (_plan.SplitColumns)
        {
            Panels(worker, first, end, panels + ((nint)worker * _plan.PanelLength));
            return;
        }
        float* block = blocks + ((nint)worker * _plan.BlockLength);
        // A triangle's lowest rows are its longest: they are taken first.
        if (_problem.LowerOnly) Rows(worker, Pass, _problem.M - end, _problem.M - first, panels, block);
        else Rows(worker, Pass, first, end, panels, block);
    }

    // Few rows: all of them against one panel after the other. C comes by once for every block of terms; A's tiles stay in L2.
    private readonly void Panels(int worker, int first, int end, float* panel)
    {
        int nr = _plan.Blocking.NR;
        for (int k = 0; k < Pass.Count; k += GemmBlocking.KC)
        {
            int count = Math.Min(GemmBlocking.KC, Pass.Count - k);
            for (int column = first; column < end; column += nr)
            {
                GemmPass pass = new(column, Math.Min(nr, end - column), Pass.Depth + k, count);
                PanelAhead ahead = _plan.InPlaceB ? default : PanelAhead.Of(_problem, pass, first, end, nr);
                if (!_plan.InPlaceB && !PacksOnTheWay(pass)) pass.PackPanels(_problem, _plan, panel, 0, count, profile, worker);
                Rows(worker, pass, 0, _problem.M, panel, blocks + ((nint)k * _problem.M), ahead);
            }
        }
    }

    // The first tile packs a whole panel while it computes.
    private readonly bool PacksOnTheWay(in GemmPass pass) =>
        _plan.SplitColumns && !_problem.TransposedB && !_plan.InPlaceB && pass.Columns == _plan.Blocking.NR;

    // Aᵀ's tiles are packed while the first of several whole panels is computed.
    private readonly bool PacksTilesOnTheWay(int columns) =>
        _plan.PacksA && !_plan.SplitColumns && !_plan.InPlaceB && _problem.DepthStepA != 1 && columns > _plan.Blocking.NR;

    private readonly void Rows(int worker, in GemmPass pass, int first, int end, float* passPanels, float* block, in PanelAhead ahead = default)
    {
        // Of the triangle, rows above the pass's first column hold nothing in it, and their mirror image may be final already.
        int start = _problem.LowerOnly ? Math.Max(first, pass.Column) : first;
        for (int row = start; row < end; row += _plan.RowsPerBlock)
        {
            int rows = Math.Min(_plan.RowsPerBlock, end - row);
            if (_problem.TransposedC) TransposedBlock(worker, pass, row, rows, passPanels, block);
            else Block(worker, pass, row, rows, Columns(pass, row + rows, end), passPanels, block, _problem.C + (row * _problem.StrideC) + pass.Column, _problem.StrideC, ahead);
            if (_problem.Triangle == GemmTriangle.Mirrored && pass.Depth + pass.Count == _problem.K) Mirror(pass, row, rows);
        }
    }

    // Columns of a pass that a block needs. Of the triangle: whole panels up to the diagonal, but none of the columns that mirror the
    // rows of the next part, which is written there.
    private readonly int Columns(in GemmPass pass, int blockEnd, int partEnd) => _problem.LowerOnly
        ? Math.Clamp(Math.Min(GemmPlan.RoundUp(Math.Max(0, blockEnd - pass.Column), _plan.Blocking.NR), partEnd - pass.Column), 0, pass.Columns)
        : pass.Columns;

    // The block's finished rows are still in the L2 cache.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Mirror(in GemmPass pass, int row, int rows)
    {
        nint stride = _problem.StrideC;
        int below = Math.Min(pass.Column + pass.Columns, row);
        for (int col = pass.Column; col < below; col += MirrorColumns)
        {
            int cols = Math.Min(MirrorColumns, below - col);
            Transposition.Copy(_problem.C + (row * stride) + col, stride, rows, cols, _problem.C + (col * stride) + row, stride);
        }
        // On the diagonal, strips of rows: what is left of each strip's square, and the square.
        int firstColumn = Math.Max(row, pass.Column), endColumn = Math.Min(pass.Column + pass.Columns, row + rows);
        for (int top = firstColumn; top < row + rows; top += MirrorSquare)
        {
            int height = Math.Min(MirrorSquare, row + rows - top), left = Math.Min(top, endColumn) - firstColumn;
            if (left > 0) Transposition.Copy(_problem.C + (top * stride) + firstColumn, stride, height, left, _problem.C + (firstColumn * stride) + top, stride);
            for (int col = top; col < Math.Min(endColumn, top + height); col++)
            {
                for (int i = col + 1; i < top + height; i++) _problem.C[(col * stride) + i] = _problem.C[(i * stride) + col];
            }
        }
    }

    private readonly void TransposedBlock(int worker, in GemmPass pass, int row, int rows, float* passPanels, float* block)
    {
        // C is stored [N × M]: its rows are the block's columns.
        float* c = _problem.C + (pass.Column * _problem.StrideC) + row;
        int stride = _plan.StrideBlock;
        if (_problem.Accumulate || pass.Depth > 0) Transposition.Copy(c, _problem.StrideC, pass.Columns, rows, block, stride);
        Block(worker, pass, row, rows, pass.Columns, passPanels, null, block, stride);
        Transposition.Copy(block, stride, rows, pass.Columns, c, _problem.StrideC);
        if (pass.Depth + pass.Count == _problem.K) ApplyEpilogue(c, pass.Columns, rows, row);
    }

    /// <summary>Rows [row, row + rows) of A against a pass's panels up to column <paramref name="end"/>, into C's part that starts at <paramref name="c"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Block(int worker, in GemmPass pass, int row, int rows, int end, float* passPanels, float* packedA, float* c, nint strideC, in PanelAhead ahead = default)
    {
        int mr = _plan.Blocking.MR, nr = _plan.Blocking.NR;
        float* edge = stackalloc float[mr * nr];
        nint panelStep = (nint)pass.Count * nr;
        for (int k = 0; k < pass.Count; k += GemmBlocking.KC)
        {
            int kc = Math.Min(GemmBlocking.KC, pass.Count - k);
            int depth = pass.Depth + k;
            bool accumulate = _problem.Accumulate || depth > 0;
            bool last = depth + kc == _problem.K && !_problem.TransposedC;
            float* a = _problem.A + (row * _problem.RowStepA) + (depth * _problem.DepthStepA);
            bool packsTiles = PacksTilesOnTheWay(end);
            if (_plan.PacksA && !_plan.SplitColumns && !packsTiles) new GemmPass(pass.Column, pass.Columns, depth, kc).PackTiles(_problem, _plan, row, rows, packedA, profile, worker);
            for (int j = 0; j < end; j += nr)
            {
                int width = Math.Min(nr, end - j);
                int vectors = width > TW.Lanes ? 2 : 1;
                // A block of transposed C has room for whole tiles.
                bool whole = width == vectors * TW.Lanes || _problem.TransposedC;
                // Columns before a partial panel that is read in place, computed once more and dropped.
                int before = _plan.InPlaceB ? (vectors * TW.Lanes) - width : 0;
                PanelAhead later = ahead.IsNone && _plan.PacksA && !_plan.InPlaceB && j + nr < end
                    ? PanelAhead.Packed(passPanels + (((j / nr) + 1) * panelStep) + ((nint)k * nr), kc, nr) : ahead;
                float* b = _plan.InPlaceB ? _problem.B + (depth * _problem.StrideB) + pass.Column + j - before : passPanels + (j / nr * panelStep) + ((nint)k * nr);
                for (int i = FirstTile(pass.Column + j - row, rows), height, tiles; i < rows; i += height * tiles)
                {
                    (height, tiles) = GemmPacking.EqualTiles(rows - i, mr);
                    bool packs = i == 0 && PacksOnTheWay(pass);
                    if (!whole || packs) tiles = 1;
                    float* tile = packedA + ((nint)i * kc);
                    bool packedTiles = _plan.PacksA && !(packsTiles && j == 0);
                    TileColumn column = new()
                    {
                        Tiles = tiles,
                        Rows = height,
                        Vectors = vectors,
                        Depth = kc,
                        PackedA = packedTiles,
                        A = packedTiles ? tile : a + (i * _problem.RowStepA),
                        RowStepA = _problem.RowStepA,
                        TermStepA = _problem.DepthStepA,
                        TileStepA = height * (packedTiles ? kc : _problem.RowStepA),
                        Block = packsTiles && j == 0 ? tile : null,
                        PackedB = !_plan.InPlaceB,
                        B = packs ? GemmPass.Source(_problem, pass.Column, depth) : b,
                        Panel = packs ? b : null,
                        Ahead = later,
                        FirstTile = i / mr,
                        StepB = _problem.StrideB,
                        C = c + (i * strideC) + j,
                        StrideC = strideC,
                        Alpha = _problem.Alpha,
                        Accumulate = accumulate,
                    };
                    if (whole) GemmKernel.Run<TW, TV>(column);
                    else PartialTile(column, edge, before, width);
                    if (last) ApplyEpilogue(column.C, height * tiles, width, pass.Column + j);
                }
            }
        }
    }

    // Of the triangle, tiles that end above the diagonal hold nothing.
    private readonly int FirstTile(int columnsAbove, int rows)
    {
        int first = 0;
        if (!_problem.LowerOnly) return first;
        for (int height; first < rows; first += height)
        {
            height = GemmPacking.TileRows(rows - first, _plan.Blocking.MR);
            if (columnsAbove < first + height) break;
        }
        return first;
    }

    // A tile that has more columns than C is computed whole beside it; C's start after some others.
    private readonly void PartialTile(in TileColumn column, float* edge, int before, int width)
    {
        TileColumn beside = column;
        beside.C = edge;
        beside.StrideC = _plan.Blocking.NR;
        if (column.Accumulate) CopyTile(column.C, column.StrideC, edge + before, beside.StrideC, column.Rows, width);
        GemmKernel.Run<TW, TV>(beside);
        CopyTile(edge + before, beside.StrideC, column.C, column.StrideC, column.Rows, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void ApplyEpilogue(float* c, int rows, int cols, int firstColumn) =>
        Epilogue.Apply<TW, TV, TEpilogue>(_epilogue, c, _problem.StrideC, rows, cols, firstColumn);

    private static void CopyTile(float* from, nint strideFrom, float* to, nint strideTo, int rows, int cols)
    {
        for (int row = 0; row < rows; row++, from += strideFrom, to += strideTo)
        {
            for (int col = 0; col < cols; col++) to[col] = from[col];
        }
    }
}
