using System.Numerics.Tensors;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;

namespace Lpom.Simd.Training.Inputs;

/// <summary>
/// The metric of the data for the first layer, fixed before training: A₀ + λ₀I = LLᵀ with A₀ = HᵀH/N over the scaled training rows
/// H = [X, 1]. Training runs on H·L⁻ᵀ with the weights W·L, where the weight solve (8) is the plain gradient.
/// </summary>
/// <remarks>
/// λ₀ gives the data an effective dimension Σₖ eₖ/(eₖ + λ₀) over A₀'s eigenvalues e, that is n − λ₀‖L⁻¹‖²: no eigenvalue is ever
/// computed. Above <see cref="MaxFullFeatures"/> inputs A₀ is too big, and its diagonal stands for it.
/// </remarks>
internal sealed class InputMetric
{
    /// <summary>The most inputs with a whole Gram matrix.</summary>
    public const int MaxFullFeatures = 8192;

    private const double TraceFloor = 0.003, Tolerance = 1e-3, LeastDimension = 1e-6;
    private const int MaxTrials = 20;

    private readonly Matrix? _factor;
    private readonly float[]? _inverseRoots;

    private InputMetric(Matrix? factor, float[]? inverseRoots, double damping)
    {
        _factor = factor;
        _inverseRoots = inverseRoots;
        Damping = damping;
    }

    /// <summary>λ₀.</summary>
    public double Damping { get; }

    /// <summary>Whether only A₀'s diagonal is used.</summary>
    public bool IsDiagonal => _factor is null;

    /// <summary>Reads all rows once.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="rows">The rows, scaled and with a column of ones.</param>
    /// <param name="effectiveDimension">Positive.</param>
    public static InputMetric Fit(KernelContext context, ScaledRows rows, float effectiveDimension) =>
        rows.Columns - 1 > MaxFullFeatures ? FitDiagonal(rows, effectiveDimension) : FitFull(context, rows, effectiveDimension);

    /// <summary>H ← H·L⁻ᵀ.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="h">[m × n], scaled rows with their ones.</param>
    public void Whiten(KernelContext context, MatrixView h)
    {
        if (_factor is not null)
        {
            TriangularSolve.RightLowerTransposed(context, _factor.View, h);
            return;
        }
        for (int row = 0; row < h.Rows; row++) TensorPrimitives.Multiply(h.Row(row), _inverseRoots, h.Row(row));
    }

    /// <summary>result = W·L: the weights [outputs × n] for whitened rows.</summary>
    public void ToWhitened(KernelContext context, ReadOnlyMatrixView weights, MatrixView result)
    {
        if (_factor is not null)
        {
            Gemm.Multiply(context, GemmForm.NN, weights, _factor.View, result);
            return;
        }
        for (int unit = 0; unit < weights.Rows; unit++) TensorPrimitives.Divide(weights.Row(unit), _inverseRoots, result.Row(unit));
    }

    /// <summary>W ← W·L⁻¹: the weights [outputs × n] for scaled rows.</summary>
    public void FromWhitened(KernelContext context, MatrixView weights)
    {
        if (_factor is not null)
        {
            TriangularSolve.RightLower(context, _factor.View, weights);
            return;
        }
        for (int unit = 0; unit < weights.Rows; unit++) TensorPrimitives.Multiply(weights.Row(unit), _inverseRoots, weights.Row(unit));
    }

    private static InputMetric FitFull(KernelContext context, ScaledRows rows, float effectiveDimension)
    {
        int n = rows.Columns;
        var gram = new Matrix(n, n);
        rows.ForEachBlock(context, (block, _) => Syrk.UpdateLower(context, block, gram.View, 1f / rows.Rows, transposed: true));
        double trace = 0;
        for (int i = 0; i < n; i++) trace += gram.View[i, i];
        var factor = new Matrix(n, n);
        double damping = FindDamping(trace, effectiveDimension, damping =>
        {
            Factor(context, gram.View, damping, factor.View);
            TriangularInverse.Lower(context, factor.View);
            // Above zero for its logarithm: rounding may take away all of a small one.
            return Math.Max(n - (damping * Reduce.SumSquares(context, factor.View)), LeastDimension);
        });
        Factor(context, gram.View, damping, factor.View);
        for (int row = 0; row < n; row++) factor.View.Row(row)[(row + 1)..].Clear();
        return new InputMetric(factor, null, damping);
    }

    private static InputMetric FitDiagonal(ScaledRows rows, float effectiveDimension)
    {
        double[] diagonal = rows.MeanSquares();
        double damping = FindDamping(diagonal.Sum(), effectiveDimension, damping => diagonal.Sum(e => e / (e + damping)));
        return new InputMetric(null, [.. diagonal.Select(e => (float)(1 / Math.Sqrt(e + damping)))], damping);
    }

    // The damping is at least a part of the trace, so that the factor cannot fail on finite rows.
    private static void Factor(KernelContext context, ReadOnlyMatrixView gram, double damping, MatrixView factor)
    {
        gram.CopyTo(factor);
        for (int i = 0; i < factor.Rows; i++) factor[i, i] += (float)damping;
        if (!Cholesky.Factor(context, factor).Success) throw new InvalidOperationException("The Gram matrix of the rows is not finite.");
    }

    /// <summary>The λ at which the effective dimension, which falls with it and is below trace/λ, is as asked; at least a part of the trace.</summary>
    private static double FindDamping(double trace, double dimension, Func<double, double> dimensionAt)
    {
        (double low, double high) = (TraceFloor * trace, Math.Max(TraceFloor, 1 / dimension) * trace);
        double above = Math.Log(dimensionAt(low) / dimension);
        if (above <= 0 || high <= low) return low;
        double below = Math.Log(dimensionAt(high) / dimension);
        // False position in the logarithms, which are nearly on a line; Illinois' halving keeps both ends moving.
        for (int trial = 0; trial < MaxTrials && Math.Abs(above - below) > Tolerance; trial++)
        {
            double next = low * Math.Pow(high / low, above / (above - below));
            double value = Math.Log(dimensionAt(next) / dimension);
            if (Math.Abs(value) < Tolerance) return next;
            if (value > 0) (low, above, below) = (next, value, below / 2);
            else (high, below, above) = (next, value, above / 2);
        }
        return Math.Sqrt(low * high);
    }
}
