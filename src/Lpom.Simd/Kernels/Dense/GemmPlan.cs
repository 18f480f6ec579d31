namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// How a product is carried out: what is packed and by whom, how it is split, how much of it is done in a pass. None of it changes
/// the result's bits.
/// </summary>
internal readonly struct GemmPlan
{
    /// <summary>The decisions for a problem.</summary>
    /// <param name="problem">The product.</param>
    /// <param name="blocking">The width's block sizes.</param>
    /// <param name="teamSize">Workers at hand.</param>
    public GemmPlan(in GemmProblem problem, in GemmBlocking blocking, int teamSize)
    {
        Blocking = blocking;
        Workers = problem.Work < GemmBlocking.TeamThreshold ? 1 : teamSize;
        SplitColumns = Workers > 1 && problem.M <= blocking.PackedMC && problem.N >= problem.M && !problem.LowerOnly && !problem.TransposedC;
        InPlaceB = !problem.TransposedB && problem.M <= blocking.SmallRows;
        bool repaysPacking = SplitColumns || (problem.N >= GemmBlocking.PackedColumns && !problem.TransposedC);
        PacksA = problem.DepthStepA != 1 || (repaysPacking && !InPlaceB);
        RowsPerBlock = PacksA ? blocking.PackedMC : blocking.MC;
        ColumnsPerPass = Math.Min(SplitColumns ? GemmBlocking.StripColumns : GemmBlocking.NC, RoundUp(problem.N, blocking.NR));
        int panelColumns = InPlaceB ? blocking.NR : ColumnsPerPass;
        DepthPerPass = GemmBlocking.PackedDepth(SplitColumns ? problem.M : panelColumns, problem.K);
        PanelLength = panelColumns * (SplitColumns ? Math.Min(GemmBlocking.KC, problem.K) : DepthPerPass);
        StrideBlock = ColumnsPerPass % 256 == 0 ? ColumnsPerPass + 16 : ColumnsPerPass;
        BlockLength = problem.TransposedC ? RowsPerBlock * StrideBlock
            : !PacksA ? 0
            : SplitColumns ? problem.M * DepthPerPass
            : RowsPerBlock * Math.Min(GemmBlocking.KC, problem.K);
    }

    /// <summary>The width's block sizes.</summary>
    public GemmBlocking Blocking { get; }

    /// <summary>Workers that take part.</summary>
    public int Workers { get; }

    /// <summary>
    /// Whether few rows are split by columns: the team packs all of A, and each worker packs the strips of B that it takes, into panels
    /// of its own. Else the team packs B's panels, and each worker packs the blocks of A that it takes.
    /// </summary>
    public bool SplitColumns { get; }

    /// <summary>Whether whole panels of B are read in place, and only a last partial one is packed: few rows would not repay packing.</summary>
    public bool InPlaceB { get; }

    /// <summary>Whether A is packed into tiles: its terms lie apart, or enough columns share the cost of packing it.</summary>
    public bool PacksA { get; }

    /// <summary>Rows of A per block.</summary>
    public int RowsPerBlock { get; }

    /// <summary>Columns of C per pass, or per strip when columns are split; a multiple of NR.</summary>
    public int ColumnsPerPass { get; }

    /// <summary>Terms per pass: all, or a multiple of KC.</summary>
    public int DepthPerPass { get; }

    /// <summary>Floats of panels, per worker when columns are split.</summary>
    public int PanelLength { get; }

    /// <summary>Floats between rows of a block of transposed C.</summary>
    public int StrideBlock { get; }

    /// <summary>Floats of scratch for tiles of A or a block of transposed C: per worker, but once when columns are split.</summary>
    public int BlockLength { get; }

    /// <summary>Parts of at most <paramref name="size"/> that make up <paramref name="total"/>.</summary>
    public static int Parts(int total, int size) => (total + size - 1) / size;

    /// <summary>The smallest multiple of <paramref name="unit"/> that is not below <paramref name="value"/>.</summary>
    public static int RoundUp(int value, int unit) => Parts(value, unit) * unit;
}
