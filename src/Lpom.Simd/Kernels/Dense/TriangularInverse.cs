using System.Numerics.Tensors;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// The inverse of a lower triangular matrix, in place. Recursive halves: L₂₁ ← −L₂₂⁻¹·L₂₁·L₁₁⁻¹ by the solves, then the two diagonal
/// blocks, down to blocks that substitution inverts: a third of the work of solving for the columns of the identity.
/// </summary>
/// <remarks>Nothing is checked for zeros. Results are bit-equal for any number of threads. Allocates nothing once warm.</remarks>
internal static unsafe class TriangularInverse
{
    private const int BlockSize = TriangularSolve.BlockSize;

    /// <summary>L ← L⁻¹; what stands above the diagonal becomes zero.</summary>
    /// <param name="context">Width, team and scratch.</param>
    /// <param name="l">L: [n × n]. Only the lower triangle is read.</param>
    /// <exception cref="ArgumentException">L is not square.</exception>
    public static void Lower(KernelContext context, MatrixView l)
    {
        if (l.Rows != l.Cols) throw new ArgumentException($"L is [{l.Rows} × {l.Cols}], not square.", nameof(l));
        if (l.Rows == 0) return;
        Invert(context, l);
        for (int row = 0; row < l.Rows; row++) l.Row(row)[(row + 1)..].Clear();
    }

    private static void Invert(KernelContext context, MatrixView l)
    {
        int n = l.Rows;
        if (n <= BlockSize)
        {
            InvertBlock(context, l);
            return;
        }
        int half = TriangularSolve.Half(n), rest = n - half;
        MatrixView l11 = l.SliceRows(0, half).SliceCols(0, half);
        MatrixView l21 = l.SliceRows(half, rest).SliceCols(0, half);
        MatrixView l22 = l.SliceRows(half, rest).SliceCols(half, rest);
        TriangularSolve.RightLower(context, l11, l21);
        TriangularSolve.Lower(context, l22, l21);
        for (int row = 0; row < rest; row++) TensorPrimitives.Negate(l21.Row(row), l21.Row(row));
        Invert(context, l11);
        Invert(context, l22);
    }

    private static void InvertBlock(KernelContext context, MatrixView l)
    {
        int n = l.Rows;
        float* scratch = context.Scratch(ScratchSlot.Inverse, BlockSize * BlockSize);
        MatrixView identity = new(new Span<float>(scratch, n * n), n, n);
        identity.Flat.Clear();
        for (int i = 0; i < n; i++) identity[i, i] = 1f;
        TriangularSolve.Lower(context, l, identity);
        for (int row = 0; row < n; row++) identity.Row(row)[..(row + 1)].CopyTo(l.Row(row));
        GC.KeepAlive(context);
    }
}
