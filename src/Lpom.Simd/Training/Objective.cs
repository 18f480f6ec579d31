using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Model;

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

    /// <summary>The weighted penalty μ·1ᵀP1 of a layer whose product stands for its weights and input.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="layer">The layer.</param>
    public static double Penalty(KernelContext context, LayerState layer) =>
        layer.Mu * layer.Activation.Penalty(context, layer.Output, layer.Product);
}
