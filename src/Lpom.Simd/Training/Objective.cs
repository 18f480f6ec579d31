using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Training;

/// <summary>The objective of a batch, [L19] eq. 18 = (3): ℓ(Xⁿ, L) + Σ μᵢ 1ᵀP(Xⁱ, Wⁱ⁻¹Xⁱ⁻¹)1, P less its minimum.</summary>
internal static class Objective
{
    /// <summary>The summed loss ℓ(X, L) of a batch.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="output">X [m × outputs].</param>
    /// <param name="targets">L [m × outputs].</param>
    /// <param name="loss">ℓ.</param>
    public static double Loss(KernelContext context, ReadOnlyMatrixView output, ReadOnlyMatrixView targets, Loss loss) =>
        loss == Model.Loss.LeastSquares
            ? 0.5 * Reduce.SumSquaredDifference(context, output, targets)
            : Softmax.CrossEntropy(context, output, targets);

    /// <summary>The weighted penalty μ·1ᵀP(X, Z)1 of a layer.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="mu">μ.</param>
    /// <param name="activation">φ of the layer.</param>
    /// <param name="x">The layer's output X [m × outputs].</param>
    /// <param name="z">The product of its weights and input [m × outputs].</param>
    public static double Penalty(KernelContext context, float mu, Activation activation, ReadOnlyMatrixView x, ReadOnlyMatrixView z) =>
        mu * activation.Penalty(context, x, z);
}
