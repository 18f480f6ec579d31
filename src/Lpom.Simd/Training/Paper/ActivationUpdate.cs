using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Training.Paper;

/// <summary>
/// STAGE 3: the fixed-point update of a hidden layer's activations, [L19] eq. 22 = (4), averaged by the convergence guard:
/// U ← (1−θ)U + θ[Wⁱ⁻¹Xⁱ⁻¹ − r(Wⁱ)ᵀ(φ(WⁱXⁱ) − Xⁱ⁺¹)], Xⁱ = φ(U), r = μᵢ₊₁/μᵢ.
/// </summary>
internal static class ActivationUpdate
{
    /// <summary>One guarded iteration for the activations between two layers.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="below">The layer that gives the activations; its product stands for the present activations below.</param>
    /// <param name="above">The layer that takes them; its product stands for the present activations.</param>
    /// <param name="previous">U before the update: the layer's own, or its product at the feed-forward point.</param>
    /// <param name="theta">θ of <see cref="Theta"/>.</param>
    public static void Apply(KernelContext context, PaperLayer below, PaperLayer above, ReadOnlyMatrixView previous, float theta)
    {
        above.Activation.Residual(context, above.Product, above.Output, above.Residual);
        Gemm.Multiply(context, GemmForm.NN, above.Residual, above.Weights.View, above.Backward);
        below.Activation.GuardedUpdate(context, previous, below.Product, above.Backward, above.Mu / below.Mu, theta, below.PreActivation, below.Output);
    }

    /// <summary>
    /// The guard θ = min(1, h / (1 + rβᵢβᵢ₊₁s)): the layer's objective is rβᵢβᵢ₊₁‖W‖²-smooth relative to F, so that h = 1 with
    /// s = ‖W‖² cannot raise it.
    /// </summary>
    /// <param name="below">The layer that gives the activations.</param>
    /// <param name="above">The layer that takes them.</param>
    /// <param name="squaredNorm">s, ‖W‖₂² of the layer above or an estimate.</param>
    /// <param name="relaxation">h.</param>
    public static float Theta(PaperLayer below, PaperLayer above, float squaredNorm, float relaxation)
    {
        float ratio = above.Mu / below.Mu;
        return MathF.Min(1f, relaxation / (1f + (ratio * below.Activation.Lipschitz * above.Activation.Lipschitz * squaredNorm)));
    }
}
