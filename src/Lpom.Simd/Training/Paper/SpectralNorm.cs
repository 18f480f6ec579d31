using System.Numerics.Tensors;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;

namespace Lpom.Simd.Training.Paper;

/// <summary>One power-iteration step per batch on a kept vector: a lower estimate of ‖W‖₂² that follows the weights.</summary>
internal static class SpectralNorm
{
    /// <summary>d ← WWᵀd/‖WWᵀd‖; returns ‖WWᵀd‖ for the unit vector d that was there.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="layer">The layer; keeps d.</param>
    public static float Step(KernelContext context, PaperLayer layer)
    {
        MatrixView direction = layer.Direction.View;
        Normalise(context, direction);
        Gemm.Multiply(context, GemmForm.NN, direction, layer.Weights.View, layer.Image.View);
        Gemm.Multiply(context, GemmForm.NT, layer.Image.View, layer.Weights.View, direction);
        return (float)Math.Sqrt(Reduce.SumSquares(context, direction));
    }

    private static void Normalise(KernelContext context, MatrixView direction)
    {
        double norm = Math.Sqrt(Reduce.SumSquares(context, direction));
        // A zero W maps every vector to zero: start again from a fixed one.
        if (norm == 0) direction.Row(0).Fill(1f);
        Span<float> d = direction.Row(0);
        TensorPrimitives.Divide(d, (float)(norm == 0 ? Math.Sqrt(d.Length) : norm), d);
    }
}
