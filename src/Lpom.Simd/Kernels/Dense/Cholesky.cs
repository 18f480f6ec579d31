using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// The factorization A = L·Lᵀ of a symmetric positive definite matrix and solves with it. Recursive halves: L₁₁, then
/// L₂₁ = A₂₁·L₁₁⁻ᵀ, then A₂₂ − L₂₁·L₂₁ᵀ; blocks of <see cref="TriangularSolve.BlockSize"/> are factored in the L1 cache.
/// </summary>
/// <remarks>Results are bit-equal for any number of threads. Allocates nothing.</remarks>
internal static unsafe class Cholesky
{
    /// <summary>Replaces A's lower triangle by L.</summary>
    /// <param name="context">Width, team and scratch.</param>
    /// <param name="a">A: [n × n]. Only the lower triangle counts; what stands above the diagonal becomes unspecified.</param>
    /// <returns>Success, or the first pivot that is not a positive finite number; then A is partly overwritten.</returns>
    /// <exception cref="ArgumentException">A is not square.</exception>
    public static CholeskyResult Factor(KernelContext context, MatrixView a)
    {
        if (a.Rows != a.Cols) throw new ArgumentException($"A is [{a.Rows} × {a.Cols}], not square.", nameof(a));
        if (a.Rows == 0) return CholeskyResult.Factored;
        int bad = Factor(context, a, 0);
        return bad < 0 ? CholeskyResult.Factored : CholeskyResult.BadPivot(bad);
    }

    /// <summary>A·Y = B with A = L·Lᵀ: B ← A⁻¹·B.</summary>
    /// <inheritdoc cref="TriangularSolve.Lower" path="/param | /exception" />
    public static void Solve(KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        TriangularSolve.Lower(context, l, b);
        TriangularSolve.LowerTransposed(context, l, b);
    }

    /// <summary>Y·A = B with A = L·Lᵀ: B ← B·A⁻¹.</summary>
    /// <inheritdoc cref="TriangularSolve.RightLower" path="/param | /exception" />
    public static void SolveRight(KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        TriangularSolve.RightLowerTransposed(context, l, b);
        TriangularSolve.RightLower(context, l, b);
    }

    /// <summary>A⁻¹ = L⁻ᵀ·L⁻¹ with A = L·Lᵀ.</summary>
    /// <param name="context">Width, team and scratch.</param>
    /// <param name="l">L: [n × n], lower triangle; becomes L⁻¹.</param>
    /// <param name="inverse">Receives A⁻¹: [n × n], exactly symmetric; must not overlap L.</param>
    /// <exception cref="ArgumentException">L is not square, or A⁻¹ has another shape.</exception>
    public static void Invert(KernelContext context, MatrixView l, MatrixView inverse)
    {
        TriangularInverse.Lower(context, l);
        Syrk.Gram(context, l, inverse, transposed: true);
    }

    // The bad pivot's index, or −1.
    private static int Factor(KernelContext context, MatrixView a, int offset)
    {
        int n = a.Rows;
        if (n <= TriangularSolve.BlockSize) return FactorBlock(context, a, offset);
        int half = TriangularSolve.Half(n), rest = n - half;
        MatrixView a11 = a.SliceRows(0, half).SliceCols(0, half);
        int bad = Factor(context, a11, offset);
        if (bad >= 0) return bad;
        MatrixView a21 = a.SliceRows(half, rest).SliceCols(0, half);
        MatrixView a22 = a.SliceRows(half, rest).SliceCols(half, rest);
        TriangularSolve.RightLowerTransposed(context, a11, a21);
        Syrk.UpdateLower(context, a21, a22, alpha: -1);
        return Factor(context, a22, offset + half);
    }

    private static int FactorBlock(KernelContext context, MatrixView a, int offset)
    {
        float* scratch = context.Scratch(ScratchSlot.Diagonal, CholeskyBlock.ScratchLength);
        fixed (float* pointer = a)
        {
            CholeskyBlock block = new(pointer, a.Stride, a.Rows, scratch);
            SimdLevel.Run(context.Width, ref block);
            GC.KeepAlive(context);
            return block.BadPivot < 0 ? -1 : offset + block.BadPivot;
        }
    }
}
