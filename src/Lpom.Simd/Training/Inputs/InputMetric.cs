using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;

namespace Lpom.Simd.Training.Inputs;

/// <summary>
/// The metric of the data for the first layer, fixed before training: training runs on whitened rows H·M with MMᵀ = λ(A₀ + λ₀I)⁻¹ and
/// A₀ = HᵀH/N over the scaled training rows H = [X, 1], with the weights W·M⁻ᵀ, where the weight solve (8) is the gradient over λ.
/// </summary>
/// <remarks>
/// A₀ ≈ ZZᵀ of rank r (<see cref="NystromFactor"/>), exact up to <see cref="MostExact"/> columns; other directions count as A₀'s are small
/// beside λ₀. With LLᵀ = ZᵀZ + λI and N = L + √λ·I: M = I − PQᵀ for P = ZL⁻ᵀ, Q = ZN⁻ᵀ (Potter's square root), and
/// M⁻¹ = I + QZᵀ/√λ; λ is λ₀ but for a floor that ZZᵀ has taken in. λ₀ gives the data an effective dimension Σₖ eₖ/(eₖ + λ₀) over A₀'s eigenvalues e, that is
/// r − λ₀‖L⁻¹‖² + (tr A₀ − ‖Z‖²)/λ₀: no eigenvalue is ever computed.
/// </remarks>
internal sealed class InputMetric
{
    /// <summary>The most columns of H whose metric is exact.</summary>
    public const int MostExact = 128;

    /// <summary>r of wider rows: at the effective dimension of the defaults the eigenvalues that are left out are below λ₀/8.</summary>
    public const int Rank = 32;

    // Rows that an estimate of so few directions needs, whatever their width.
    private const int SampledRows = 8192;
    private const int Iterations = 3;

    private const double TraceFloor = 0.003, Tolerance = 1e-3, LeastDimension = 1e-6;

    // Relative to the trace: directions that small are lost in rounding, and count as this; taken off the damping again.
    private const double Floor = TraceFloor / 100;
    private const int MaxTrials = 20;

    private readonly Matrix _z;
    private readonly Matrix _p;
    private readonly Matrix _q;
    private Matrix _product = new(0, 0);

    private InputMetric(Matrix z, Matrix p, Matrix q, double damping, float lambda)
    {
        _z = z;
        _p = p;
        _q = q;
        Damping = damping;
        Lambda = lambda;
    }

    /// <summary>λ₀.</summary>
    public double Damping { get; }

    /// <summary>λ.</summary>
    public float Lambda { get; }

    /// <summary>Reads a sample of the rows.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="rows">The rows, scaled and with a column of ones.</param>
    /// <param name="effectiveDimension">Positive.</param>
    public static InputMetric Fit(KernelContext context, ScaledRows rows, float effectiveDimension)
    {
        int n = rows.Columns, rank = n <= MostExact ? n : Rank;
        var gram = new NystromFactor(n, rank);
        double trace = 0;
        int iterations = rank == n ? 1 : Iterations;
        for (int i = 0; i < iterations; i++) trace = Approximate(context, rows, gram);
        var products = new Matrix(rank, rank);
        Syrk.Gram(context, gram.Image, products.View, transposed: true);
        double floor = Floor * trace, left = trace + (rank * floor) - Trace(products.View);
        var small = new Matrix(rank, rank);
        double damping = FindDamping(trace, effectiveDimension, damping =>
        {
            Factor(context, products.View, damping - floor, small.View);
            TriangularInverse.Lower(context, small.View);
            double dimension = rank - (damping * Reduce.SumSquares(context, small.View)) + (Math.Max(left, 0) / damping);
            // Above zero for its logarithm: rounding may take away all of a small one.
            return Math.Max(dimension, LeastDimension);
        });
        return Roots(context, gram.Image, products.View, damping, (float)(damping - floor));
    }

    /// <summary>Makes room for <see cref="Whiten"/> on so many rows.</summary>
    public void Reserve(int rows) => _product = new Matrix(rows, _p.Cols);

    /// <summary>H ← H·M.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="h">[m × n], scaled rows with their ones; at most as many as <see cref="Reserve"/> made room for.</param>
    public void Whiten(KernelContext context, MatrixView h)
    {
        MatrixView product = _product.Top(h.Rows);
        Gemm.Multiply(context, GemmForm.NN, h, _p.View, product);
        Gemm.Multiply(context, GemmForm.NT, product, _q.View, h, -1f, accumulate: true);
    }

    /// <summary>W ← W·M⁻ᵀ: the weights [outputs × n] for whitened rows.</summary>
    public void ToWhitened(KernelContext context, MatrixView weights)
    {
        var product = new Matrix(weights.Rows, _z.Cols);
        Gemm.Multiply(context, GemmForm.NN, weights, _z.View, product.View);
        Gemm.Multiply(context, GemmForm.NT, product.View, _q.View, weights, 1 / MathF.Sqrt(Lambda), accumulate: true);
    }

    /// <summary>W ← W·Mᵀ: the weights [outputs × n] for scaled rows.</summary>
    public void FromWhitened(KernelContext context, MatrixView weights)
    {
        var product = new Matrix(weights.Rows, _q.Cols);
        Gemm.Multiply(context, GemmForm.NN, weights, _q.View, product.View);
        Gemm.Multiply(context, GemmForm.NT, product.View, _p.View, weights, -1f, accumulate: true);
    }

    // One step of subspace iteration on A₀ + νI; A₀'s trace.
    private static double Approximate(KernelContext context, ScaledRows rows, NystromFactor gram)
    {
        Require(gram.Orthonormalise(context));
        int sampled = Math.Min(rows.Rows, SampledRows);
        double squares = 0;
        var product = new Matrix(Math.Min(ScaledRows.BlockRows, sampled), gram.Rank);
        rows.ForEachBlock(context, sampled, block =>
        {
            MatrixView ofBlock = product.Top(block.Rows);
            Gemm.Multiply(context, GemmForm.NN, block, gram.Basis, ofBlock);
            Gemm.Multiply(context, GemmForm.TN, block, ofBlock, gram.Image, 1f / sampled, accumulate: squares > 0);
            squares += Reduce.SumSquares(context, block);
        });
        double trace = squares / sampled;
        Map.Binary(context, new AxpBy(1f, (float)(Floor * trace)), gram.Image, gram.Basis, gram.Image);
        Require(gram.Approximate(context));
        return trace;
    }

    private static InputMetric Roots(KernelContext context, ReadOnlyMatrixView z, ReadOnlyMatrixView products, double damping, float lambda)
    {
        float root = MathF.Sqrt(lambda);
        Matrix factor = new(z.Cols, z.Cols), kept = Copy(z), p = Copy(z), q = Copy(z);
        Factor(context, products, lambda, factor.View);
        TriangularSolve.RightLowerTransposed(context, factor.View, p.View);
        for (int i = 0; i < factor.Rows; i++) factor.View[i, i] += root;
        TriangularSolve.RightLowerTransposed(context, factor.View, q.View);
        return new InputMetric(kept, p, q, damping, lambda);
    }

    // Rows that could be scaled are finite, and the damping is at least a part of their trace.
    private static void Factor(KernelContext context, ReadOnlyMatrixView products, double damping, MatrixView factor)
    {
        products.CopyTo(factor);
        for (int i = 0; i < factor.Rows; i++) factor[i, i] += (float)damping;
        Require(Cholesky.Factor(context, factor).Success);
    }

    private static void Require(bool success)
    {
        if (!success) throw new InvalidOperationException("The Gram matrix of the rows is not finite.");
    }

    private static Matrix Copy(ReadOnlyMatrixView x)
    {
        var copy = new Matrix(x.Rows, x.Cols);
        x.CopyTo(copy.View);
        return copy;
    }

    private static double Trace(ReadOnlyMatrixView square)
    {
        double trace = 0;
        for (int i = 0; i < square.Rows; i++) trace += square[i, i];
        return trace;
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
