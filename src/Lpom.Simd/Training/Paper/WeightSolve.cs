using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;

namespace Lpom.Simd.Training.Paper;

/// <summary>
/// STAGE 4: the weight solve in the metric of the batch, [L19] Algorithm 2 = (7):
/// Y = W + ((θ₋−1)/θ)(W − W₋), W₊ = Y − (1/β)(φ(YX) − X⁺)X^†.
/// </summary>
/// <remarks>
/// With samples in rows, X [m × n], the ridge pseudo-inverse X^† = Xᵀ(XXᵀ + εI)⁻¹ costs an m × m factor for m ≤ n, and
/// (XᵀX + εI)⁻¹Xᵀ an n × n factor for m > n; ε is relative to the mean diagonal of the matrix that is formed.
/// </remarks>
internal static class WeightSolve
{
    // Squares this small have lost their digits: zeros to working precision.
    private const double LeastMeanSquare = 1e-30;

    /// <summary>Forms and factors the Gram matrix of a layer's input. False when it is not positive definite.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="layer">The layer; receives the factor.</param>
    /// <param name="input">X [m × inputs].</param>
    /// <param name="ridge">ε relative to the mean diagonal.</param>
    public static bool Factor(KernelContext context, PaperLayer layer, ReadOnlyMatrixView input, float ridge)
    {
        MatrixView gram = layer.Gram;
        Syrk.Gram(context, input, gram, transposed: IsTall(input));
        double trace = 0;
        for (int i = 0; i < gram.Rows; i++) trace += gram[i, i];
        // An input of zeros has the pseudo-inverse zero: nothing to solve, nothing wrong. A NaN goes on, to fail in the factor.
        layer.HasGramFactor = !(trace < LeastMeanSquare * gram.Rows);
        if (!layer.HasGramFactor) return true;
        float epsilon = (float)(ridge * trace / gram.Rows);
        for (int i = 0; i < gram.Rows; i++) gram[i, i] += epsilon;
        return Cholesky.Factor(context, gram).Success;
    }

    /// <summary>Takes the weight steps of a layer with the factor of <see cref="Factor"/>.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="layer">The layer; its residual stands for its weights, and is used up.</param>
    /// <param name="input">X [m × inputs].</param>
    /// <param name="steps">Steps of (7), from 1.</param>
    /// <param name="scale">The schedule's factor s of the step 1/β.</param>
    public static void Apply(KernelContext context, PaperLayer layer, ReadOnlyMatrixView input, int steps, float scale)
    {
        if (!layer.HasGramFactor) return;
        if (steps > 1) layer.Weights.View.CopyTo(layer.PreviousWeights!.View);
        Descend(context, layer, input, scale);
        double theta = 1;
        for (int step = 1; step < steps; step++)
        {
            double next = (1 + Math.Sqrt(1 + (4 * theta * theta))) / 2;
            Extrapolate(context, layer, (float)((theta - 1) / next));
            theta = next;
            Gemm.Multiply(context, GemmForm.NT, input, layer.Weights.View, layer.Product);
            layer.Activation.Residual(context, layer.Product, layer.Output, layer.Residual);
            Descend(context, layer, input, scale);
        }
    }

    private static bool IsTall(ReadOnlyMatrixView input) => input.Rows > input.Cols;

    /// <summary>W ← Y = W + momentum (W − W₋), and W₋ ← the former W.</summary>
    private static void Extrapolate(KernelContext context, PaperLayer layer, float momentum)
    {
        MatrixView previous = layer.PreviousWeights!.View;
        Map.Binary(context, new AxpBy(1 + momentum, -momentum), layer.Weights.View, previous, previous);
        layer.SwapWeights();
    }

    /// <summary>W ← W − (s/β) RᵀX^†ᵀ for the residual R [m × outputs].</summary>
    private static void Descend(KernelContext context, PaperLayer layer, ReadOnlyMatrixView input, float scale)
    {
        float step = -scale / layer.Activation.Lipschitz;
        MatrixView weights = layer.Weights.View;
        if (IsTall(input))
        {
            MatrixView gradient = layer.GradientBuffer!.View;
            Gemm.Multiply(context, GemmForm.TN, layer.Residual, input, gradient);
            Cholesky.SolveRight(context, layer.Gram, gradient);
            Map.Binary(context, new AxpBy(1f, step), weights, gradient, weights);
            return;
        }
        Cholesky.Solve(context, layer.Gram, layer.Residual);
        Gemm.Multiply(context, GemmForm.TN, layer.Residual, input, weights, step, accumulate: true);
    }
}
