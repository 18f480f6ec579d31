using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// The right-hand side B [k × n] of many products, such as the weights of a network in use: panels of <see cref="PanelColumns"/> columns,
/// each with its terms one after the other, so that every product reads it in the order in which it lies.
/// </summary>
/// <remarks>Immutable; any thread may read it. The columns that the last panel has beyond n are zeros.</remarks>
internal sealed unsafe class PackedMatrix
{
    /// <summary>Columns of a panel: a tile's at the widest vectors; narrower ones take parts of it.</summary>
    public const int PanelColumns = 32;

    // A last panel of few columns has half the width.
    private const int HalfPanel = PanelColumns / 2;

    private readonly AlignedBuffer _panels;

    private PackedMatrix(int terms, int columns)
    {
        Terms = terms;
        Columns = columns;
        int whole = columns / PanelColumns * PanelColumns;
        _panels = new AlignedBuffer(checked((whole + GemmPlan.RoundUp(columns - whole, HalfPanel)) * terms));
    }

    /// <summary>k.</summary>
    public int Terms { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    /// <summary>Packs a transposed matrix.</summary>
    /// <param name="b">Bᵀ [n × k].</param>
    /// <exception cref="OverflowException">2³¹ floats or more with the last panel's zeros.</exception>
    public static PackedMatrix OfTransposed(ReadOnlyMatrixView b)
    {
        var packed = new PackedMatrix(b.Cols, b.Rows);
        fixed (float* from = b)
        {
            for (int column = 0; column < packed.Columns; column += PanelColumns)
            {
                int columns = Math.Min(PanelColumns, packed.Columns - column);
                Transposition.Copy(from + ((nint)column * b.Stride), b.Stride, columns, packed.Terms, packed.Panel(column, out int stride), stride);
            }
        }
        return packed;
    }

    /// <summary>The first term of a column, and the floats between terms. The matrix must be kept alive while it is used.</summary>
    /// <param name="column">A multiple of <see cref="PanelColumns"/>, or some columns of a panel further.</param>
    /// <param name="stride">Of the column's panel.</param>
    public float* Panel(int column, out int stride)
    {
        int within = column % PanelColumns, first = column - within;
        stride = Columns - first > HalfPanel ? PanelColumns : HalfPanel;
        return _panels.Pointer + ((nint)first * Terms) + within;
    }
}
