using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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

    // Of rows and columns on the diagonal: what is mirrored element by element.
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

    // Not many rows: all of them against one panel after the other. C comes by once for every block of terms; A's tiles stay in L2.
    private readonly void Panels(int worker, int first, int end, float* panel)
    {
        int nr = _plan.Blocking.NR;
        float* tiles = _plan.OwnTiles ? OwnTiles(worker) : blocks;
        for (int k = 0; k < Pass.Count; k += GemmBlocking.KC)
        {
            int count = Math.Min(GemmBlocking.KC, Pass.Count - k);
            for (int column = first; column < end; column += nr)
            {
                GemmPass pass = new(column, Math.Min(nr, end - column), Pass.Depth + k, count);
                PanelAhead ahead = _plan.InPlaceB ? default : PanelAhead.Of(_problem, pass, first, end, nr);
                if (!_plan.InPlaceB && !PacksPanelOnTheWay(pass)) pass.PackPanels(_problem, _plan, panel, 0, count, profile, worker);
                Rows(worker, pass, 0, _problem.M, panel, tiles + ((nint)k * _problem.M), ahead);
            }
        }
    }

    // Packed with the worker's first part of a pass.
    private readonly float* OwnTiles(int worker)
    {
        float* block = blocks + ((nint)worker * _plan.BlockLength), tiles = block + GemmPlan.TilesHeader;
        if (*(int*)block != 0) return tiles;
        *(int*)block = 1;
        PackTiles(worker, Pass, 0, _problem.M, tiles);
        return tiles;
    }

    private readonly void PackTiles(int worker, in GemmPass pass, int row, int rows, float* tiles)
    {
        for (int k = 0; k < pass.Count; k += GemmBlocking.KC)
            pass.Part(k).PackTiles(_problem, _plan, row, rows, tiles + ((nint)k * rows), profile, worker);
    }

    // The first tile packs a whole panel while it computes.
    private readonly bool PacksPanelOnTheWay(in GemmPass pass) =>
        _plan.SplitColumns && !_problem.TransposedB && !_plan.InPlaceB && pass.Columns == _plan.Blocking.NR;

    // Aᵀ's tiles are packed while the first of several whole panels is computed.
    private readonly bool PacksTilesOnTheWay(int columns) =>
        _plan.PacksA && !_plan.SplitColumns && !_plan.InPlaceB && _problem.DepthStepA != 1 && columns > _plan.Blocking.NR;

    private readonly void Rows(int worker, in GemmPass pass, int first, int end, float* passPanels, float* scratch, in PanelAhead ahead = default)
    {
        // Of the triangle, rows above the pass's first column hold nothing in it, and their mirror image may be final already.
        int start = _problem.LowerOnly ? Math.Max(first, pass.Column) : first;
        for (int row = start, rows; row < end; row += rows)
        {
            // Blocks of nearly equal height: each reads all panels, however few rows it has.
            int left = end - row;
            rows = Math.Min(left, GemmPlan.RoundUp(GemmPlan.Parts(left, GemmPlan.Parts(left, _plan.RowsPerBlock)), _plan.Blocking.MR));
            if (_problem.TransposedC) TransposedBlock(worker, pass, row, rows, passPanels, scratch);
            else Block(worker, new GemmBlock
            {
                Pass = pass,
                Row = row,
                Rows = rows,
                Columns = Columns(pass, row + rows, end),
                Tiles = scratch,
                Panels = passPanels,
                Ahead = ahead,
                C = _problem.C + (row * _problem.StrideC) + pass.Column,
                StrideC = _problem.StrideC,
            });
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
        Transposition.Fetch(_problem.C + (pass.Column * stride) + row, stride, Math.Min(MirrorColumns, below - pass.Column));
        for (int col = pass.Column; col < below; col += MirrorColumns)
        {
            int next = col + MirrorColumns;
            float* to = _problem.C + (col * stride) + row;
            Transposition.Fetch(to + (MirrorColumns * stride), stride, Math.Min(MirrorColumns, below - next));
            Transposition.Copy(_problem.C + (row * stride) + col, stride, rows, Math.Min(MirrorColumns, below - col), to, stride, fetches: true);
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
        Block(worker, new GemmBlock { Pass = pass, Row = row, Rows = rows, Columns = pass.Columns, Panels = passPanels, C = block, StrideC = stride });
        Transposition.Copy(block, stride, rows, pass.Columns, c, _problem.StrideC);
        if (pass.Depth + pass.Count == _problem.K) ApplyEpilogue(c, pass.Columns, rows, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Block(int worker, in GemmBlock block)
    {
        GemmPass pass = block.Pass;
        bool packsOnTheWay = PacksTilesOnTheWay(block.Columns);
        if (_plan.PacksA && !_plan.SplitColumns && !packsOnTheWay) PackTiles(worker, pass, block.Row, block.Rows, block.Tiles);

        // Packed tiles of all terms stay in L2, and so do a panel's columns of C from one block of terms to the next. Of rows that are
        // read in place L2 holds one block of terms.
        int depths = GemmPlan.Parts(pass.Count, GemmBlocking.KC), across = GemmPlan.Parts(block.Columns, _plan.Blocking.NR);
        for (int step = 0; step < depths * across; step++)
        {
            (int panel, int k) = _plan.PacksA ? Math.DivRem(step, depths) : (step % across, step / across);
            Panel(block, panel, k * GemmBlocking.KC, packsOnTheWay && panel == 0);
        }
    }

    /// <summary>A block's rows against one panel, for the block of terms that starts at term <paramref name="k"/> of the pass.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Panel(in GemmBlock block, int panel, int k, bool packsTiles)
    {
        int mr = _plan.Blocking.MR, nr = _plan.Blocking.NR;
        float* edge = stackalloc float[GemmBlocking.PackedMC * nr];
        GemmPass pass = block.Pass;
        int kc = Math.Min(GemmBlocking.KC, pass.Count - k), depth = pass.Depth + k, j = panel * nr;
        bool accumulate = _problem.Accumulate || depth > 0;
        bool last = depth + kc == _problem.K && !_problem.TransposedC;
        int width = Math.Min(nr, block.Columns - j);
        int vectors = width > TW.Lanes ? 2 : 1;
        // A block of transposed C has room for whole tiles.
        bool whole = width == vectors * TW.Lanes || _problem.TransposedC;
        // Columns before a partial panel that is read in place, computed once more and dropped.
        int before = _plan.InPlaceB ? (vectors * TW.Lanes) - width : 0;
        float* b = _plan.InPlaceB ? _problem.B + (depth * _problem.StrideB) + pass.Column + j - before : PackedPanel(block, panel, k);
        float* a = _problem.A + (block.Row * _problem.RowStepA) + (depth * _problem.DepthStepA);
        bool packedTiles = _plan.PacksA && !packsTiles;
        PanelAhead ahead = Ahead(block, panel, k);
        for (int i = FirstTile(pass.Column + j - block.Row, block.Rows), height, tiles; i < block.Rows; i += height * tiles)
        {
            (height, tiles) = GemmPacking.EqualTiles(block.Rows - i, mr);
            bool packsPanel = i == 0 && PacksPanelOnTheWay(pass);
            if (packsPanel) tiles = 1;
            // What there is room for beside C.
            if (!whole) tiles = Math.Min(tiles, GemmBlocking.PackedMC / mr);
            float* tile = block.Tiles + ((nint)k * block.Rows) + ((nint)i * kc);
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
                Block = packsTiles ? tile : null,
                PackedB = !_plan.InPlaceB,
                B = packsPanel ? GemmPass.Source(_problem, pass.Column, depth) : b,
                Panel = packsPanel ? b : null,
                Ahead = ahead,
                FirstTile = i / mr,
                StepB = _problem.StrideB,
                C = block.C + (i * block.StrideC) + j,
                StrideC = block.StrideC,
                Alpha = _problem.Alpha,
                Accumulate = accumulate,
            };
            if (whole) GemmKernel.Run<TW, TV>(column);
            else PartialTiles(column, edge, before, width);
            if (last) ApplyEpilogue(column.C, height * tiles, width, pass.Column + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float* PackedPanel(in GemmBlock block, int panel, int k) =>
        block.Panels + (((nint)panel * block.Pass.Count) + k) * _plan.Blocking.NR;

    // Of packed panels, which lie in L3 for all workers, the next to be read.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly PanelAhead Ahead(in GemmBlock block, int panel, int k)
    {
        int count = block.Pass.Count, next = k + GemmBlocking.KC;
        if (_plan.SplitColumns || _plan.InPlaceB || !_plan.PacksA) return block.Ahead;
        if (next >= count) (panel, next) = (panel + 1, 0);
        if (panel * _plan.Blocking.NR >= block.Columns) return default;
        return PanelAhead.Packed(PackedPanel(block, panel, next), Math.Min(GemmBlocking.KC, count - k), _plan.Blocking.NR);
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

    // Tiles that have more columns than C are computed whole beside it; C's start after some others.
    private static void PartialTiles(in TileColumn column, float* edge, int before, int width)
    {
        TileColumn beside = column;
        beside.C = edge;
        beside.StrideC = column.Vectors * TW.Lanes;
        int rows = column.Rows * column.Tiles;
        if (column.Accumulate) CopyColumns(column.C, column.StrideC, edge + before, beside.StrideC, rows, width);
        GemmKernel.Run<TW, TV>(beside);
        CopyColumns(edge + before, beside.StrideC, column.C, column.StrideC, rows, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void ApplyEpilogue(float* c, int rows, int cols, int firstColumn) =>
        Epilogue.Apply<TW, TV, TEpilogue>(_epilogue, c, _problem.StrideC, rows, cols, firstColumn);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyColumns(float* from, nint strideFrom, float* to, nint strideTo, int rows, int cols)
    {
        for (int row = 0; row < rows; row++, from += strideFrom, to += strideTo)
        {
            int col = 0;
            for (; col + 4 <= cols; col += 4) Vector128.Load(from + col).Store(to + col);
            for (; col < cols; col++) to[col] = from[col];
        }
    }
}
