using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training.Streaming;

/// <summary>(A + λI)⁻¹ of a layer's running Gram matrix A [n × n], made anew now and then and applied to rows in every step.</summary>
internal abstract class DampedInverse
{
    // From here on the low-rank form takes less than half the products of the whole inverse, and its error is below the damping's own.
    private const int LeastLowRankSize = 3 * LowRankInverse.Rank;

    /// <summary>The form that suits a size.</summary>
    /// <param name="size">n.</param>
    public static DampedInverse Of(int size) => IsLowRank(size) ? new LowRankInverse(size) : new WholeInverse(size);

    /// <summary>Whether the form that suits a size is the one of low rank.</summary>
    public static bool IsLowRank(long size) => size >= LeastLowRankSize;

    /// <summary>Multiply-adds of <see cref="Apply"/> to so many rows.</summary>
    public static long CostOfApply(long rows, long size) => rows * size * (IsLowRank(size) ? 2 * LowRankInverse.Rank : size);

    /// <summary>Multiply-adds of <see cref="Refresh"/>.</summary>
    public static long CostOfRefresh(long size) => size * size * (IsLowRank(size) ? 2 * LowRankInverse.Rank : size);

    /// <summary>Makes the inverse anew. False, and it is unusable, when A + λI is not positive definite: A is not finite.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="gram">A [n × n], its lower triangle; overwritten.</param>
    /// <param name="lambda">λ, positive.</param>
    public abstract bool Refresh(KernelContext context, MatrixView gram, float lambda);

    /// <summary>result = X(A + λI)⁻¹.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="x">X [m × n].</param>
    /// <param name="result">[m × n]; must not overlap X.</param>
    public abstract void Apply(KernelContext context, ReadOnlyMatrixView x, MatrixView result);

    public abstract void VisitState(IStateVisitor state);

    /// <summary>Makes room for <see cref="Apply"/> on so many rows.</summary>
    public virtual void Reserve(int rows)
    {
    }
}
