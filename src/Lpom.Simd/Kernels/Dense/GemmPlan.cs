using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// How a product is carried out: what is packed and by whom, how it is split, how much of it is done in a pass. None of it changes
/// the result's bits.
/// </summary>
internal readonly struct GemmPlan
{
    /// <summary>Floats before a worker's own tiles, a cache line: the first, as an integer, tells whether they are packed.</summary>
    public const int TilesHeader = AlignedBuffer.Alignment / sizeof(float);

    /// <summary>The decisions for a problem.</summary>
    /// <param name="problem">The product.</param>
    /// <param name="blocking">The width's block sizes.</param>
    /// <param name="teamSize">Workers at hand.</param>
    public GemmPlan(in GemmProblem problem, in GemmBlocking blocking, int teamSize)
    {
        Blocking = blocking;
        Workers = problem.Work < GemmBlocking.TeamThreshold ? 1 : teamSize;
        SplitColumns = !problem.LowerOnly && !problem.TransposedC && PaysSplitColumns(problem, Workers);
        InPlaceB = !problem.TransposedB && problem.M <= blocking.SmallRows && (!problem.LowerOnly || Workers == 1) && RoundUp(problem.N % blocking.NR, blocking.NR / 2) <= problem.N;
        bool repaysPacking = SplitColumns || (problem.N >= GemmBlocking.PackedColumns && !problem.TransposedC);
        PacksA = problem.DepthStepA != 1 || (repaysPacking && !InPlaceB);
        OwnTiles = SplitColumns && PacksA && Workers > 1 && problem.N >= GemmBlocking.OwnTilesColumns * (long)Workers;
        RowsPerBlock = SplitColumns ? problem.M : PacksA ? GemmBlocking.PackedMC : blocking.MC;
        ColumnsPerPass = SplitColumns ? blocking.NR : Math.Min(GemmBlocking.NC, RoundUp(problem.N, blocking.NR));
        DepthPerPass = InPlaceB && !SplitColumns ? problem.K : GemmBlocking.PackedDepth(SplitColumns ? problem.M : ColumnsPerPass, problem.K, GemmBlocking.PackedFloats);
        if (PacksA && !SplitColumns) DepthPerPass = Math.Min(DepthPerPass, GemmBlocking.PackedDepth(RowsPerBlock, problem.K, GemmBlocking.PackedBlockFloats));
        PanelLength = InPlaceB ? 0
            : SplitColumns ? (ColumnsPerPass * Math.Min(GemmBlocking.KC, problem.K)) + AlignedBuffer.Gap
            : ColumnsPerPass * DepthPerPass;
        StrideBlock = ColumnsPerPass % 256 == 0 ? ColumnsPerPass + 16 : ColumnsPerPass;
        BlockLength = problem.TransposedC ? RowsPerBlock * StrideBlock
            : !PacksA ? 0
            : SplitColumns ? RoundUp(problem.M * DepthPerPass, TilesHeader) + (OwnTiles ? TilesHeader : 0)
            : RoundUp(RowsPerBlock * DepthPerPass, TilesHeader);
    }

    /// <summary>The width's block sizes.</summary>
    public GemmBlocking Blocking { get; }

    /// <summary>Workers that take part.</summary>
    public int Workers { get; }

    /// <summary>
    /// Whether not many rows are split by columns: the team packs all of A, and each worker packs one after the other the panels of B that it
    /// takes, into memory of its own that stays in L1. Else the team packs B's panels, and each worker the blocks of A that it takes.
    /// </summary>
    public bool SplitColumns { get; }

    /// <summary>
    /// Whether B is read in place: few rows would not repay packing. A last partial panel is read from as many columns earlier as make
    /// its vectors whole; there must be so many, and in a team's part of a triangle there may be fewer.
    /// </summary>
    public bool InPlaceB { get; }

    /// <summary>Whether A is packed into tiles: its terms lie apart, or enough columns share the cost of packing it.</summary>
    public bool PacksA { get; }

    /// <summary>
    /// Whether, when columns are split, each worker packs all of A for itself: where it has many columns for it, that costs less than to
    /// wait for the others and to fetch what they packed from their caches.
    /// </summary>
    public bool OwnTiles { get; }

    /// <summary>Blocks of scratch: one for each worker, but one of all when columns are split and the team packs A.</summary>
    public int BlockCount => SplitColumns && !OwnTiles ? 1 : Workers;

    /// <summary>Rows of A per block.</summary>
    public int RowsPerBlock { get; }

    /// <summary>Columns of C per pass, a multiple of NR; one panel when columns are split.</summary>
    public int ColumnsPerPass { get; }

    /// <summary>Terms per pass: all, or a multiple of KC.</summary>
    public int DepthPerPass { get; }

    /// <summary>Floats of panels, per worker and with a gap between two workers' when columns are split.</summary>
    public int PanelLength { get; }

    /// <summary>Floats between rows of a block of transposed C.</summary>
    public int StrideBlock { get; }

    /// <summary>Floats of a block of scratch, for tiles of A or a block of transposed C.</summary>
    public int BlockLength { get; }

    /// <summary>Parts of at most <paramref name="size"/> that make up <paramref name="total"/>.</summary>
    public static int Parts(int total, int size) => (total + size - 1) / size;

    /// <summary>The smallest multiple of <paramref name="unit"/> that is not below <paramref name="value"/>.</summary>
    public static int RoundUp(int value, int unit) => Parts(value, unit) * unit;

    // More rows than a batch's pay where a worker has columns enough for tiles that it packs for itself. More of them where A's terms
    // are rows: when rows are split, such tiles are packed while the first panel is computed.
    private static bool PaysSplitColumns(in GemmProblem problem, int workers)
    {
        if (problem.M <= GemmBlocking.PackedMC) return problem.N >= (workers > 1 ? problem.M : GemmBlocking.MinSplitColumns);
        if (problem.M > GemmBlocking.OwnBlockRows || problem.N < problem.M) return false;
        if (workers == 1) return problem.N >= GemmBlocking.PackedColumns;
        int columns = problem.DepthStepA == 1 ? GemmBlocking.OwnBlockColumns : GemmBlocking.OwnTransposedBlockColumns;
        return problem.N >= columns * (long)workers;
    }
}
