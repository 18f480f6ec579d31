using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Reference;
using Lpom.Simd.Tests.Training.Paper;
using Lpom.Simd.Training.Inputs;

namespace Lpom.Simd.Tests.Training.Inputs;

public class InputMetricTests
{
    [Theory]
    [InlineData(30, 5)]
    [InlineData(90, 14)]
    [InlineData(150, 14)]
    public void The_damping_leaves_the_effective_dimension_that_is_asked_for(int features, float dimension)
    {
        using var context = new KernelContext(1);
        ScaledRows rows = Rows(features, out double[,] gram);
        InputMetric metric = InputMetric.Fit(context, rows, dimension);
        Assert.Equal(dimension, EffectiveDimension(gram, metric.Damping), 0.05);
    }

    [Fact]
    public void The_damping_is_at_least_a_part_of_the_trace()
    {
        using var context = new KernelContext(1);
        ScaledRows rows = Rows(20, out double[,] gram);
        InputMetric metric = InputMetric.Fit(context, rows, 1000);
        Assert.Equal(0.003 * Trace(gram), metric.Damping, 1e-6 * Trace(gram));
    }

    [Fact]
    public void Whitened_rows_have_the_gram_matrix_of_the_damped_metric()
    {
        using var context = new KernelContext(2);
        ScaledRows rows = Rows(70, out double[,] gram);
        InputMetric metric = InputMetric.Fit(context, rows, 14);
        var whitened = new Matrix(rows.Rows, rows.Columns);
        rows.Copy(context, 0, whitened, rows.Rows);
        metric.Whiten(context, whitened.View);
        double[,] h = TrainingCase.ToDouble(whitened.View);
        double[,] actual = ReferenceMatrix.Map(ReferenceMatrix.Multiply(ReferenceMatrix.Transpose(h), h), x => x / rows.Rows);
        // Its trace is the effective dimension, since L⁻¹A₀L⁻ᵀ has the eigenvalues e/(e + λ₀).
        Assert.Equal(EffectiveDimension(gram, metric.Damping), Trace(actual), 0.02);
    }

    [Fact]
    public void Weights_come_back_from_the_whitened_rows_and_give_the_same_products()
    {
        using var context = new KernelContext(1);
        ScaledRows rows = Rows(70, out _);
        InputMetric metric = InputMetric.Fit(context, rows, 14);
        AssertSameProducts(context, rows, metric);
    }

    [Fact]
    public void With_too_many_inputs_the_diagonal_stands_for_the_gram_matrix()
    {
        using var context = new KernelContext(1);
        Matrix data = PredictionTests.RandomMatrix(12, InputMetric.MaxFullFeatures + 1, 4);
        var rows = new ScaledRows(new MatrixRows(data), InputScaling.Fit(new MatrixRows(data)));
        InputMetric metric = InputMetric.Fit(context, rows, 14);
        Assert.True(metric.IsDiagonal);
        AssertSameProducts(context, rows, metric);
    }

    private static void AssertSameProducts(KernelContext context, ScaledRows rows, InputMetric metric)
    {
        Matrix weights = PredictionTests.RandomMatrix(3, rows.Columns, 5);
        var whitenedWeights = new Matrix(3, rows.Columns);
        metric.ToWhitened(context, weights.View, whitenedWeights.View);
        var h = new Matrix(8, rows.Columns);
        rows.Copy(context, 0, h, 8);
        double[,] expected = Product(h, weights);
        metric.Whiten(context, h.View);
        AssertClose(expected, Product(h, whitenedWeights));
        metric.FromWhitened(context, whitenedWeights.View);
        AssertClose(TrainingCase.ToDouble(weights.View), TrainingCase.ToDouble(whitenedWeights.View));
    }

    private static double[,] Product(Matrix h, Matrix weights) =>
        ReferenceMatrix.Multiply(TrainingCase.ToDouble(h.View), ReferenceMatrix.Transpose(TrainingCase.ToDouble(weights.View)));

    private static void AssertClose(double[,] expected, double[,] actual)
    {
        for (int i = 0; i < expected.GetLength(0); i++)
        {
            for (int j = 0; j < expected.GetLength(1); j++) Assert.Equal(expected[i, j], actual[i, j], 1e-3);
        }
    }

    // Rows whose columns lie near a low-dimensional space, as images' do.
    private static ScaledRows Rows(int features, out double[,] gram)
    {
        const int count = 300;
        Matrix data = PredictionTests.RandomMatrix(count, features, 2);
        for (int r = 0; r < count; r++)
        {
            for (int c = 0; c < features; c++) data.View[r, c] *= 3f / (1 + (c % 17));
        }
        var rows = new MatrixRows(data);
        var scaled = new ScaledRows(rows, InputScaling.Fit(rows));
        using var context = new KernelContext(1);
        var h = new Matrix(count, features + 1);
        scaled.Copy(context, 0, h, count);
        double[,] x = TrainingCase.ToDouble(h.View);
        gram = ReferenceMatrix.Map(ReferenceMatrix.Multiply(ReferenceMatrix.Transpose(x), x), v => v / count);
        return scaled;
    }

    private static double Trace(double[,] a) => Enumerable.Range(0, a.GetLength(0)).Sum(i => a[i, i]);

    // Σ e/(e + λ) is the trace of (A + λI)⁻¹A.
    private static double EffectiveDimension(double[,] gram, double damping)
    {
        int n = gram.GetLength(0);
        double[,] damped = ReferenceMatrix.Build(n, n, (i, j) => gram[i, j] + (i == j ? damping : 0));
        return Trace(ReferenceMatrix.Solve(damped, gram));
    }
}
