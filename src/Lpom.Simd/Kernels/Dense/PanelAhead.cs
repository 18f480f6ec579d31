using System.Numerics;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// Memory of a later panel of B, fetched into the L2 cache a line at a time while this panel is computed: what it will be packed from,
/// rows that lie far apart and that the processor does not foresee; or the panel itself, whose first tile would wait for all of it.
/// </summary>
internal readonly unsafe struct PanelAhead
{
    private const int LineFloats = AlignedBuffer.Alignment / sizeof(float);

    // A tile fetches one line of so many rows.
    private const int RowsPerTile = GemmBlocking.KC / GemmKernel.Unroll;

    private readonly float* _start;
    private readonly int _lines;
    private readonly int _tiles;
    private readonly int _lineBits;
    private readonly nint _tileStep;

    // Lines of a row, and tiles that fetch all there is: powers of two. Tiles after those find it fetched.
    private PanelAhead(float* start, nint step, int lines, int tiles, int rowsPerTile = RowsPerTile)
    {
        _start = start;
        Step = step;
        _lines = lines;
        _tiles = tiles;
        _lineBits = BitOperations.Log2((uint)lines);
        _tileStep = rowsPerTile * step;
    }

    /// <summary>Whether there is none.</summary>
    public bool IsNone => _start == null;

    /// <summary>Floats between what a tile fetches in one turn of its loop and in the next.</summary>
    public nint Step { get; }

    /// <summary>What to fetch during a pass over one panel of the columns [first, end).</summary>
    /// <param name="problem">The product.</param>
    /// <param name="pass">The panel.</param>
    /// <param name="first">The first column of the worker's part.</param>
    /// <param name="end">The column after its last.</param>
    /// <param name="nr">NR.</param>
    public static PanelAhead Of(in GemmProblem problem, in GemmPass pass, int first, int end, int nr) =>
        problem.TransposedB ? Columns(problem, pass, first, end, nr) : Rows(problem, pass, first, end, nr);

    /// <summary>A packed panel.</summary>
    /// <param name="panel">Its first element.</param>
    /// <param name="depth">Terms of the panel that is computed meanwhile.</param>
    /// <param name="nr">NR.</param>
    public static PanelAhead Packed(float* panel, int depth, int nr) =>
        new(panel, LineFloats, lines: 1, Math.Max(1, nr * GemmKernel.Unroll / LineFloats), depth / GemmKernel.Unroll);

    /// <summary>Where a panel's tile starts: the tiles share the lines of the first rows, then those of the rows after.</summary>
    public float* Of(int tile) => _start + ((tile & (_lines - 1)) * LineFloats) + (((tile & (_tiles - 1)) >> _lineBits) * _tileStep);

    // Of a row-major B: the next panel's terms.
    private static PanelAhead Rows(in GemmProblem problem, in GemmPass pass, int first, int end, int nr)
    {
        (int column, int depth) = (pass.Column + nr, pass.Depth);
        if (column >= end) (column, depth) = (first, depth + pass.Count);
        int lines = Math.Max(1, nr / LineFloats);
        return new PanelAhead(GemmPass.Source(problem, column, depth), problem.StrideB, lines, lines * GemmBlocking.KC / RowsPerTile);
    }

    // Of a transposed B, whose columns are rows: a group of panels fetches the next group, each panel some lines of all its rows.
    private static PanelAhead Columns(in GemmProblem problem, in GemmPass pass, int first, int end, int nr)
    {
        int group = RowsPerTile / nr;
        int index = (pass.Column - first) / nr;
        (int column, int depth) = (first + (((index / group) + 1) * RowsPerTile), pass.Depth);
        if (column >= end) (column, depth) = (first, depth + pass.Count);
        int lines = Math.Max(1, GemmBlocking.KC / LineFloats / group);
        float* start = GemmPass.Source(problem, column, depth) + (index % group * lines * LineFloats);
        return new PanelAhead(start, problem.StrideB, lines, lines);
    }
}
