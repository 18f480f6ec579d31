using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Model;

namespace Lpom.Simd.Training.Paper;

/// <summary>STAGE 3: the update of the output activations, [L19] eq. 25 = (5): Xⁿ ← φ(Wⁿ⁻¹Xⁿ⁻¹ − (1/μₙ) ∂ℓ(Xⁿ, L)/∂Xⁿ).</summary>
internal static class OutputUpdate
{
    /// <summary>One iteration.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="output">The last layer; its product stands for the present activations below.</param>
    /// <param name="targets">L [m × outputs].</param>
    /// <param name="loss">ℓ.</param>
    public static void Apply(KernelContext context, PaperLayer output, ReadOnlyMatrixView targets, Loss loss)
    {
        float step = 1f / output.Mu;
        if (loss == Loss.LeastSquares)
        {
            output.Activation.OutputUpdate(context, output.Product, output.Output, targets, step, output.Output);
            return;
        }
        // The residual is free until the layer below asks for it.
        Softmax.Rows(context, output.Output, output.Residual);
        output.Activation.OutputUpdate(context, output.Product, output.Residual, targets, step, output.Output);
    }
}
