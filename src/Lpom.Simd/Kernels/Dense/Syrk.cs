using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Symmetric products: the Gram matrices X·Xᵀ and Xᵀ·X, and the update of a trailing block, at half the work of a product.</summary>
internal static unsafe class Syrk
{
    /// <summary>G ← α·X·Xᵀ, or α·Xᵀ·X; exactly symmetric.</summary>
    /// <param name="context">Width, team and scratch.</param>
    /// <param name="x">X: [m × n].</param>
    /// <param name="gram">G: [m × m], or [n × n] when <paramref name="transposed"/>; must not overlap X. Only written.</param>
    /// <param name="transposed">Whether to form Xᵀ·X.</param>
    /// <param name="alpha">α.</param>
    /// <exception cref="ArgumentException">G has another shape; it is untouched.</exception>
    public static void Gram(KernelContext context, ReadOnlyMatrixView x, MatrixView gram, bool transposed = false, float alpha = 1) =>
        Lower(context, x, gram, transposed, alpha, GemmTriangle.Mirrored);

    /// <summary>The lower triangle of C ← C + α·X·Xᵀ, or C + α·Xᵀ·X; what stands above C's diagonal becomes unspecified.</summary>
    /// <param name="context">Width, team and scratch.</param>
    /// <param name="x">X: [m × n].</param>
    /// <param name="c">C: [m × m], or [n × n] when <paramref name="transposed"/>; must not overlap X.</param>
    /// <param name="alpha">α.</param>
    /// <param name="transposed">Whether to form Xᵀ·X.</param>
    /// <exception cref="ArgumentException">C has another shape; it is untouched.</exception>
    public static void UpdateLower(KernelContext context, ReadOnlyMatrixView x, MatrixView c, float alpha, bool transposed = false) =>
        Lower(context, x, c, transposed, alpha, GemmTriangle.Lower);

    private static void Lower(KernelContext context, ReadOnlyMatrixView x, MatrixView c, bool transposed, float alpha, GemmTriangle triangle)
    {
        int size = transposed ? x.Cols : x.Rows;
        if (c.Rows != size || c.Cols != size)
            throw new ArgumentException($"The Gram matrix of [{x.Rows} × {x.Cols}] is [{size} × {size}], not [{c.Rows} × {c.Cols}].", nameof(c));
        fixed (float* pointerX = x, pointerC = c)
        {
            GemmProblem problem = new()
            {
                M = size,
                N = size,
                K = transposed ? x.Rows : x.Cols,
                A = pointerX,
                RowStepA = transposed ? 1 : x.Stride,
                DepthStepA = transposed ? x.Stride : 1,
                B = pointerX,
                StrideB = x.Stride,
                TransposedB = !transposed,
                C = pointerC,
                StrideC = c.Stride,
                Alpha = alpha,
                Accumulate = triangle == GemmTriangle.Lower,
                Triangle = triangle,
            };
            Gemm.Run(context, problem, default(IdentityEpilogue));
        }
    }
}
