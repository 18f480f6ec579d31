using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Threads;

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
    public static void Gram(KernelContext context, ReadOnlyMatrixView x, MatrixView gram, bool transposed = false, float alpha = 1)
    {
        Lower(context, x, gram, transposed, alpha, accumulate: false);
        fixed (float* pointer = gram)
        {
            MirrorJob mirror = new() { Matrix = pointer, Stride = gram.Stride, Size = gram.Rows };
            if ((long)gram.Rows * gram.Rows < MirrorJob.TeamThreshold) mirror.Run(0, 1);
            else context.Team.Run(ref mirror);
        }
    }

    /// <summary>The lower triangle of C ← C + α·X·Xᵀ; what stands above C's diagonal becomes unspecified.</summary>
    /// <param name="context">Width, team and scratch.</param>
    /// <param name="x">X: [m × n].</param>
    /// <param name="c">C: [m × m]; must not overlap X.</param>
    /// <param name="alpha">α.</param>
    /// <exception cref="ArgumentException">C has another shape; it is untouched.</exception>
    public static void UpdateLower(KernelContext context, ReadOnlyMatrixView x, MatrixView c, float alpha) =>
        Lower(context, x, c, transposed: false, alpha, accumulate: true);

    private static void Lower(KernelContext context, ReadOnlyMatrixView x, MatrixView c, bool transposed, float alpha, bool accumulate)
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
                Accumulate = accumulate,
                LowerOnly = true,
            };
            Gemm.Run(context, problem, default(IdentityEpilogue));
        }
    }

    /// <summary>Copies a square matrix's lower triangle to the upper.</summary>
    private struct MirrorJob : ITeamJob
    {
        /// <summary>Elements from which the copy is worth waking the team.</summary>
        public const long TeamThreshold = 1 << 16;

        // Two blocks of 16 KiB share the L1 cache.
        private const int BlockSize = 64;

        public float* Matrix;
        public nint Stride;
        public int Size;

        /// <inheritdoc />
        public readonly void Run(int worker, int workers)
        {
            // Block rows grow in length: dealt out in turn.
            for (int row = worker * BlockSize; row < Size; row += workers * BlockSize)
            {
                int rows = Math.Min(BlockSize, Size - row);
                for (int col = 0; col < row; col += BlockSize)
                    Transposition.Copy(Matrix + (row * Stride) + col, Stride, rows, BlockSize, Matrix + (col * Stride) + row, Stride);
                Diagonal(Matrix + (row * Stride) + row, Stride, rows);
            }
        }

        private static void Diagonal(float* block, nint stride, int size)
        {
            for (int row = 1; row < size; row++)
            {
                for (int col = 0; col < row; col++) block[(col * stride) + row] = block[(row * stride) + col];
            }
        }
    }
}
