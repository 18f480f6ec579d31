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
    [InlineData(30, 5, 0.05)]
    [InlineData(90, 14, 0.05)]
    [InlineData(InputMetric.MostExact - 1, 14, 0.05)]
    [InlineData(InputMetric.MostExact, 14, 0.3)]
    [InlineData(250, 14, 0.3)]
    public void The_damping_leaves_the_effective_dimension_that_is_asked_for(int features, float dimension, double tolerance)
    {
        using var context = new KernelContext(1);
        ScaledRows rows = Rows(features, out double[,] gram);
        InputMetric metric = InputMetric.Fit(context, rows, dimension);
        Assert.Equal(dimension, EffectiveDimension(gram, metric.Damping), tolerance);
    }

    [Fact]
    public void The_damping_is_at_least_a_part_of_the_trace()
    {
        using var context = new KernelContext(1);
        ScaledRows rows = Rows(20, out double[,] gram);
        InputMetric metric = InputMetric.Fit(context, rows, 1000);
        Assert.Equal(0.003 * Trace(gram), metric.Damping, 1e-6 * Trace(gram));
    }

    [Theory]
    [InlineData(70, 1e-5)]
    [InlineData(250, 0.04)]
    public void Whitened_rows_have_the_products_of_the_damped_metric(int features, double tolerance)
    {
        using var context = new KernelContext(2);
        ScaledRows rows = Rows(features, out double[,] gram);
        InputMetric metric = InputMetric.Fit(context, rows, 14);
        metric.Reserve(rows.Rows);
        Matrix whitened = All(context, rows);
        double[,] h = TrainingCase.ToDouble(whitened.View);
        metric.Whiten(context, whitened.View);
        double[,] hm = TrainingCase.ToDouble(whitened.View);
        // (HM)(HM)ᵀ = λ·H(A₀ + λ₀I)⁻¹Hᵀ.
        double[,] damped = ReferenceMatrix.Build(features + 1, features + 1, (i, j) => gram[i, j] + (i == j ? metric.Damping : 0));
        double[,] expected = ReferenceMatrix.Multiply(h, ReferenceMatrix.Solve(damped, ReferenceMatrix.Transpose(h)));
        double[,] actual = ReferenceMatrix.Multiply(hm, ReferenceMatrix.Transpose(hm));
        double error = 0, norm = 0;
        for (int i = 0; i < rows.Rows; i++)
        {
            for (int j = 0; j < rows.Rows; j++)
            {
                error += Math.Pow((actual[i, j] / metric.Lambda) - expected[i, j], 2);
                norm += Math.Pow(expected[i, j], 2);
            }
        }
        Assert.InRange(Math.Sqrt(error / norm), 0, tolerance);
    }

    [Fact]
    public void A_sample_of_many_rows_stands_for_all_of_them()
    {
        using var context = new KernelContext(1);
        // Sorted, as files often are: rows of the second half are three times as large.
        Matrix data = PredictionTests.RandomMatrix(20_000, 6, 4);
        for (int r = 10_000; r < 20_000; r++)
        {
            foreach (ref float value in data.View.Row(r)) value *= 3;
        }
        ScaledRows rows = Scaled(data);
        Assert.Equal(3, EffectiveDimension(Gram(All(context, rows)), InputMetric.Fit(context, rows, 3).Damping), 0.05);
    }

    [Theory]
    [InlineData(70)]
    [InlineData(250)]
    [InlineData(10_000)]
    public void Weights_come_back_from_the_whitened_rows_and_give_the_same_products(int features)
    {
        using var context = new KernelContext(1);
        ScaledRows rows = Scaled(PredictionTests.RandomMatrix(50, features, 4));
        InputMetric metric = InputMetric.Fit(context, rows, 14);
        metric.Reserve(8);
        Matrix weights = PredictionTests.RandomMatrix(3, rows.Columns, 5), whitenedWeights = PredictionTests.RandomMatrix(3, rows.Columns, 5);
        metric.ToWhitened(context, whitenedWeights.View);
        var h = new Matrix(8, rows.Columns);
        rows.Gather(context, Enumerable.Range(0, 8).ToArray(), h);
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
        ScaledRows scaled = Scaled(data);
        using var context = new KernelContext(1);
        gram = Gram(All(context, scaled));
        return scaled;
    }

    private static ScaledRows Scaled(Matrix data) => new(new MatrixRows(data), InputScaling.Fit(new MatrixRows(data)));

    private static Matrix All(KernelContext context, ScaledRows rows)
    {
        var h = new Matrix(rows.Rows, rows.Columns);
        rows.Gather(context, Enumerable.Range(0, rows.Rows).ToArray(), h);
        return h;
    }

    private static double[,] Gram(Matrix h)
    {
        double[,] x = TrainingCase.ToDouble(h.View);
        return ReferenceMatrix.Map(ReferenceMatrix.Multiply(ReferenceMatrix.Transpose(x), x), v => v / h.Rows);
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
