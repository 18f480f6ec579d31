using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// The matrix product C = A·B, A·Bᵀ or Aᵀ·B of row-major float matrices with any strides, after the BLIS scheme: panels of B packed,
/// row-major A read in place or packed where that pays, tiles of C in registers.
/// </summary>
/// <remarks>
/// Every element is the same chain of FMA over k in blocks of <see cref="GemmBlocking.KC"/>, whatever tile, thread or part of C
/// computes it: results are bit-equal for any number of threads, and a part of C computed alone equals that part of the whole.
/// NaN and infinities propagate as in the plain sum (also with α = 0); denormals are kept. Allocates nothing.
/// </remarks>
internal static class Gemm
{
    // The transposed path keeps a block of Cᵀ, MC rows × m, in the L2 cache.
    private const int MaxTransposedColumns = 1024;

    // Fewer rows do not repay packing Bᵀ.
    private const int MinBatchRows = 72;

    /// <summary>C ← α·op(A)·op(B), or C ← C + α·op(A)·op(B).</summary>
    /// <inheritdoc cref="Multiply{TEpilogue}" path="/param | /exception" />
    public static void Multiply(
        KernelContext context, GemmForm form, ReadOnlyMatrixView a, ReadOnlyMatrixView b, MatrixView c, float alpha = 1, bool accumulate = false) =>
        Multiply(context, form, a, b, c, default(IdentityEpilogue), alpha, accumulate);

    /// <summary>C ← e(α·op(A)·op(B)), or C ← e(C + α·op(A)·op(B)), with the epilogue e.</summary>
    /// <param name="context">Width, team and scratch.</param>
    /// <param name="form">Which operand is stored transposed.</param>
    /// <param name="a">A: [m × k], or [k × m] for TN.</param>
    /// <param name="b">B: [k × n], or [n × k] for NT.</param>
    /// <param name="c">C: [m × n]; must not overlap A or B. Not read unless <paramref name="accumulate"/>.</param>
    /// <param name="epilogue">Applied once to every element of C.</param>
    /// <param name="alpha">α.</param>
    /// <param name="accumulate">Whether to add to C.</param>
    /// <exception cref="ArgumentException">The shapes do not fit; C is untouched.</exception>
    public static unsafe void Multiply<TEpilogue>(
        KernelContext context, GemmForm form, ReadOnlyMatrixView a, ReadOnlyMatrixView b, MatrixView c, in TEpilogue epilogue, float alpha = 1, bool accumulate = false)
        where TEpilogue : struct, IGemmEpilogue
    {
        (int m, int k) = form == GemmForm.TN ? (a.Cols, a.Rows) : (a.Rows, a.Cols);
        (int n, int depthB) = form == GemmForm.NT ? (b.Rows, b.Cols) : (b.Cols, b.Rows);
        if (k != depthB || c.Rows != m || c.Cols != n) throw Mismatch(form, a, b, c);
        fixed (float* pointerA = a, pointerB = b, pointerC = c)
        {
            GemmProblem problem = new()
            {
                M = m,
                N = n,
                K = k,
                A = pointerA,
                RowStepA = form == GemmForm.TN ? 1 : a.Stride,
                DepthStepA = form == GemmForm.TN ? a.Stride : 1,
                B = pointerB,
                StrideB = b.Stride,
                TransposedB = form == GemmForm.NT,
                C = pointerC,
                StrideC = c.Stride,
                Alpha = alpha,
                Accumulate = accumulate,
            };
            Run(context, problem, epilogue);
        }
    }

    /// <summary>Computes a problem whose shapes and pointers the caller vouches for.</summary>
    internal static void Run<TEpilogue>(KernelContext context, in GemmProblem problem, in TEpilogue epilogue)
        where TEpilogue : struct, IGemmEpilogue
    {
        if (problem.M == 0 || problem.N == 0) return;
        context.Profile?.AddFlops(problem.Flops);
        GemmDriver<TEpilogue> driver = new(context, PaysTransposed(problem) ? problem.Swapped() : problem, epilogue);
        SimdLevel.Run(context.Width, ref driver);
    }

    // A·Bᵀ needs Bᵀ packed, n·k floats out of order. When A is small, packing it instead and transposing C moves less; but a batch's rows
    // fill tiles better than vectors across, and make up for it.
    private static bool PaysTransposed(in GemmProblem problem) =>
        problem.TransposedB && problem.M > 1 && !problem.LowerOnly && problem.M <= MaxTransposedColumns
        && (long)problem.M * ((long)problem.K + problem.N) < (long)problem.N * problem.K
        && !(problem.M is >= MinBatchRows and <= GemmBlocking.PackedMC && problem.N >= GemmBlocking.MinSplitColumns);

    private static ArgumentException Mismatch(GemmForm form, ReadOnlyMatrixView a, ReadOnlyMatrixView b, MatrixView c) =>
        new($"A {form} product of [{a.Rows} × {a.Cols}] and [{b.Rows} × {b.Cols}] does not give [{c.Rows} × {c.Cols}].", nameof(c));
}
