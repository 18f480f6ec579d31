namespace Lpom.Simd.Kernels.Dense;

/// <summary>A column of equal tiles of C, one under the other, against one panel of B: what the micro-kernel does in one call.</summary>
internal unsafe struct TileColumn
{
    /// <summary>Tiles.</summary>
    public int Tiles;

    /// <summary>Rows of a tile, 1 … MR.</summary>
    public int Rows;

    /// <summary>Vectors across a tile, 1 or 2.</summary>
    public int Vectors;

    /// <summary>Terms of the sum over k.</summary>
    public nint Depth;

    /// <summary>Whether A is packed: term p's rows follow each other, then term p + 1's. Else it is read in place.</summary>
    public bool PackedA;

    /// <summary>A's first element.</summary>
    public float* A;

    /// <summary>Floats between rows of an A in place; 1 where <see cref="Block"/> is not null.</summary>
    public nint RowStepA;

    /// <summary>Floats between terms of an A in place; 1 where <see cref="Block"/> is null.</summary>
    public nint TermStepA;

    /// <summary>Floats between the first elements of two tiles' parts of A.</summary>
    public nint TileStepA;

    /// <summary>Where the tiles of an Aᵀ that is read in place are packed, for the panels after this one; else null.</summary>
    public float* Block;

    /// <summary>Whether B is packed into a panel of NR columns. Else term p's vectors start at p · <see cref="StepB"/>.</summary>
    public bool PackedB;

    /// <summary>B's first element.</summary>
    public float* B;

    /// <summary>Floats between terms of a B that is not packed.</summary>
    public nint StepB;

    /// <summary>Where the only tile packs the panel's terms that it reads in place, for the tiles after it; else null.</summary>
    public float* Panel;

    /// <summary>What to fetch beside.</summary>
    public PanelAhead Ahead;

    /// <summary>Tiles of the panel before the first.</summary>
    public int FirstTile;

    /// <summary>C's first element.</summary>
    public float* C;

    /// <summary>Floats between rows of C.</summary>
    public nint StrideC;

    /// <summary>α.</summary>
    public float Alpha;

    /// <summary>Whether to add to C; else C is only written.</summary>
    public bool Accumulate;
}
