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
        SplitColumns = Workers > 1 && !problem.LowerOnly && problem.N >= problem.M;
        PrivatePanels = Workers == 1 || SplitColumns;
        InPlaceB = !problem.TransposedB && problem.M <= blocking.SmallRows;
        bool streams = PrivatePanels && !problem.LowerOnly && !problem.TransposedC && !InPlaceB
            && problem.M <= GemmBlocking.StreamRows && problem.N > 2 * GemmBlocking.StreamColumns;
        PacksA = problem.DepthStepA != 1 || streams;
        RowsPerBlock = streams ? RoundUp(problem.M, blocking.MR) : blocking.MC;
        ColumnsPerPass = streams ? GemmBlocking.StreamColumns : PrivatePanels && !PacksA ? GemmBlocking.PrivateColumns : GemmBlocking.NC;
        ColumnsPerPass = Math.Min(ColumnsPerPass, RoundUp(problem.N, blocking.NR));
        DepthPerPass = streams ? Math.Min(GemmBlocking.KC, problem.K) : blocking.PackedDepth(InPlaceB ? blocking.NR : ColumnsPerPass, problem.K);
        PanelLength = (InPlaceB ? blocking.NR : ColumnsPerPass) * DepthPerPass;
        StrideBlock = ColumnsPerPass % 256 == 0 ? ColumnsPerPass + 16 : ColumnsPerPass;
        BlockLength = problem.TransposedC ? RowsPerBlock * StrideBlock
            : PacksA ? RowsPerBlock * Math.Min(GemmBlocking.KC, problem.K)
            : 0;
    }

    /// <summary>The width's block sizes.</summary>
    public GemmBlocking Blocking { get; }

    /// <summary>Workers that take part.</summary>
    public int Workers { get; }

    /// <summary>Whether workers have parts of C's columns; else of its rows.</summary>
    public bool SplitColumns { get; }

    /// <summary>
    /// Whether each worker packs what it needs of B just before it is used, into panels of its own, so that one dispatch does it all.
    /// Else the team packs panels for all, in a dispatch before each pass.
    /// </summary>
    public bool PrivatePanels { get; }

    /// <summary>Whether whole panels of B are read in place, and only a last partial one is packed: few rows would not repay packing.</summary>
    public bool InPlaceB { get; }

    /// <summary>Whether A is packed into tiles: its terms lie apart, or all of it stays in L2 while B streams by.</summary>
    public bool PacksA { get; }

    /// <summary>Rows of A per block.</summary>
    public int RowsPerBlock { get; }

    /// <summary>Columns of C per pass, a multiple of NR.</summary>
    public int ColumnsPerPass { get; }

    /// <summary>Terms per pass: all, or a multiple of KC.</summary>
    public int DepthPerPass { get; }

    /// <summary>Floats of panels, per worker when they are private.</summary>
    public int PanelLength { get; }

    /// <summary>Floats between rows of a block of transposed C.</summary>
    public int StrideBlock { get; }

    /// <summary>Floats of scratch per worker for tiles of A or a block of transposed C.</summary>
    public int BlockLength { get; }

    /// <summary>The smallest multiple of <paramref name="unit"/> that is not below <paramref name="value"/>.</summary>
    public static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;
}
