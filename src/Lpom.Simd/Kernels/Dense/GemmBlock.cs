namespace Lpom.Simd.Kernels.Dense;

/// <summary>Rows of A against a pass's panels, and where each of the three stands.</summary>
internal unsafe struct GemmBlock
{
    /// <summary>Columns and terms.</summary>
    public GemmPass Pass;

    /// <summary>First row.</summary>
    public int Row;

    /// <summary>Rows.</summary>
    public int Rows;

    /// <summary>Columns of the pass that are wanted.</summary>
    public int Columns;

    /// <summary>A's packed tiles: those of term k and after start at k · <see cref="Rows"/>. Unused when A is read in place.</summary>
    public float* Tiles;

    /// <summary>B's packed panels.</summary>
    public float* Panels;

    /// <summary>Memory of a later panel to fetch, when panels are packed one by one.</summary>
    public PanelAhead Ahead;

    /// <summary>C's first element.</summary>
    public float* C;

    /// <summary>Floats between rows of C.</summary>
    public nint StrideC;
}
