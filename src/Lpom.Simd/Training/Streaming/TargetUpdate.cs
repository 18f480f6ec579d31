using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Model;

namespace Lpom.Simd.Training.Streaming;

/// <summary>
/// STAGE 3 in streaming mode: how far each layer's activations are to move, D = φ(U) − X⁺, one fixed-point step of (5) and (4) from the
/// feed-forward point, from the top down with the old weights. φ only; it cannot diverge inside a step.
/// </summary>
internal static class TargetUpdate
{
    // Eq. (9): the hidden deviations' size relative to the output's, and the largest ratio of penalties.
    private const double DeviationSize = 0.2, LargestRatio = 1e12;

    /// <summary>The output's deviation: (1/μ) ∂ℓ/∂X at X = U.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="output">The last layer, which is linear.</param>
    /// <param name="targets">L [m × outputs].</param>
    /// <param name="loss">ℓ.</param>
    /// <param name="amplitude">1/μ.</param>
    public static void Output(KernelContext context, LayerPart output, ReadOnlyMatrixView targets, Loss loss, float amplitude)
    {
        if (loss == Loss.CrossEntropy) Softmax.MinusTargets(context, output.Product, targets, amplitude, output.Deviation);
        else Map.Binary(context, new AxpBy(amplitude, -amplitude), output.Product, targets, output.Deviation);
    }

    /// <summary>Eq. (9): ρ, with which Dᵢ has about 0.2/μ as its root mean square.</summary>
    /// <param name="sumSquares">Of Dᵢ with ρ = 1.</param>
    /// <param name="count">Its elements, m × outputs.</param>
    /// <param name="amplitude">1/μ.</param>
    public static float Ratio(double sumSquares, double count, float amplitude)
    {
        double size = Math.Sqrt(sumSquares / count);
        return (float)Math.Min(LargestRatio, DeviationSize * amplitude / size);
    }

    /// <summary>Dᵢ = φ(Uᵢ) − φ(Uᵢ − ρ·Dᵢ₊₁Wᵢ₊₁).</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="below">Layer i.</param>
    /// <param name="activations">φ(Uᵢ) [m × units], and what stands beside them: the input of layer i + 1.</param>
    /// <param name="pull">Dᵢ₊₁Wᵢ₊₁ [m × outputs of layer i]; may be the deviation's own memory.</param>
    /// <param name="ratio">ρ.</param>
    public static void Move(KernelContext context, LayerPart below, ReadOnlyMatrixView activations, ReadOnlyMatrixView pull, float ratio) =>
        below.Activation.Deviation(context, activations.SliceCols(below.Units.First, below.Units.Count), below.Product, pull, ratio, below.Deviation);
}
