using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>
/// The softmax of each row, its difference from targets, and the cross-entropy. Each row's maximum is subtracted first, so no finite
/// score overflows. The bits do not depend on the vector width or the number of workers. A row with a NaN or +∞ gives NaN.
/// </summary>
public static unsafe class Softmax
{
    /// <summary>result = softmax of each row of the scores.</summary>
    /// <param name="context">Width and workers.</param>
    /// <param name="scores">[rows × classes].</param>
    /// <param name="result">[rows × classes]; may be the scores.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Rows(KernelContext context, ReadOnlyMatrixView scores, MatrixView result)
    {
        ElementwiseShape.Check(scores, result, nameof(scores));
        fixed (float* ps = scores, pr = result)
        {
            SoftmaxJob job = new(new(ps, scores.Stride), default, new(pr, result.Stride), scores.Cols, 1f, context.Width);
            Run(context, job, scores.Rows, scores.Cols);
        }
    }

    /// <summary>
    /// result = scale · (softmax of each row of the scores − targets): with scale 1 the gradient of <see cref="CrossEntropy"/> by the
    /// scores, where each row of the targets sums to 1.
    /// </summary>
    /// <param name="context">Width and workers.</param>
    /// <param name="scores">[rows × classes].</param>
    /// <param name="targets">[rows × classes].</param>
    /// <param name="scale">The factor.</param>
    /// <param name="result">[rows × classes]; may be the scores, must not overlap the targets.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void MinusTargets(
        KernelContext context, ReadOnlyMatrixView scores, ReadOnlyMatrixView targets, float scale, MatrixView result)
    {
        ElementwiseShape.Check(scores, result, nameof(scores));
        ElementwiseShape.Check(targets, result, nameof(targets));
        fixed (float* ps = scores, pt = targets, pr = result)
        {
            SoftmaxJob job = new(
                new(ps, scores.Stride),
                new(pt, targets.Stride),
                new(pr, result.Stride),
                scores.Cols,
                scale,
                context.Width);
            Run(context, job, scores.Rows, scores.Cols);
        }
    }

    /// <summary>
    /// Σ over rows of −Σⱼ tⱼ ln softmax(scores)ⱼ, in nats. Sums in double, row by row; a class with target 0 adds 0 whatever its score.
    /// </summary>
    /// <param name="context">Width and workers.</param>
    /// <param name="scores">[rows × classes].</param>
    /// <param name="targets">[rows × classes].</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double CrossEntropy(KernelContext context, ReadOnlyMatrixView scores, ReadOnlyMatrixView targets)
    {
        ElementwiseShape.Check(targets, scores, nameof(targets));
        int rows = scores.Rows;
        double* losses = (double*)context.Scratch(ScratchSlot.Partials, checked(rows * 2));
        fixed (float* ps = scores, pt = targets)
        {
            CrossEntropyJob job = new(
                new(ps, scores.Stride), new(pt, targets.Stride), scores.Cols, losses, context.Width);
            Run(context, job, rows, scores.Cols);
        }
        double sum = 0.0;
        for (int row = 0; row < rows; row++) sum += losses[row];
        // The losses live in the context's scratch.
        GC.KeepAlive(context);
        return sum;
    }

    private static void Run<TJob>(KernelContext context, in TJob job, int rows, int cols)
        where TJob : struct, Threads.ITeamJob =>
        context.Run(WorkKind.Elementwise, job, rows, (long)rows * cols < Map.SerialElements ? rows : 1);
}
