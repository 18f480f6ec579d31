using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Training.Inputs;

namespace Lpom.Simd.Tests.Training.Inputs;

public class InputScalingTests
{
    private const int Rows = 500, Features = 6;

    [Theory]
    [InlineData(1, 0, 1, false)]
    [InlineData(255, 0, 1, false)]
    [InlineData(1, 1000, 1, false)]
    [InlineData(1e-3, 0, 1, false)]
    [InlineData(1, 0, 1e4, true)]
    [InlineData(1, 1000, 1e6, true)]
    public void The_scaled_rows_have_the_target_rms(double scale, double offset, double wildness, bool byColumn)
    {
        Matrix rows = Random((r, c, x) => (float)((scale * (c == 2 ? wildness : 1) * x) + offset));
        InputScaling scaling = InputScaling.Fit(new MatrixRows(rows));
        double square = 0;
        for (int r = 0; r < Rows; r++)
        {
            float[] row = Scaled(scaling, rows.View.Row(r));
            square += row.Sum(x => (double)x * x) / (Rows * Features);
            Assert.All(row, x => Assert.InRange(x, -scaling.Clip, scaling.Clip));
        }
        Assert.Equal(InputScaling.TargetRms, Math.Sqrt(square), 2e-3);
        Assert.Equal(byColumn, scaling.IsByColumn);
    }

    [Fact]
    public void A_large_offset_is_taken_away_and_a_small_one_stays()
    {
        float[] zero = new float[Features];
        InputScaling small = InputScaling.Fit(new MatrixRows(Random((_, _, x) => x + 1)));
        Assert.All(Scaled(small, zero), x => Assert.Equal(0, x));
        InputScaling large = InputScaling.Fit(new MatrixRows(Random((_, _, x) => x + 1000)));
        Assert.All(Scaled(large, Enumerable.Repeat(1000f, Features).ToArray()), x => Assert.InRange(x, -0.1, 0.1));
    }

    [Fact]
    public void Wild_columns_are_standardised_and_constant_ones_carry_nothing()
    {
        InputScaling scaling = InputScaling.Fit(new MatrixRows(Random((_, c, x) => c == 0 ? 7 : x * MathF.Pow(10, c))));
        float[] far = Scaled(scaling, Enumerable.Repeat(1e30f, Features).ToArray());
        Assert.Equal(0, far[0]);
        Assert.All(far[1..], x => Assert.Equal(scaling.Clip, x));
    }

    [Fact]
    public void The_folded_network_does_on_raw_rows_what_the_other_does_on_scaled_ones()
    {
        Matrix rows = Random((_, c, x) => (x * MathF.Pow(10, c)) + c);
        InputScaling scaling = InputScaling.Fit(new MatrixRows(rows));
        Network network = PredictionTests.RandomNetwork([Features, 5, 3], bias: true);
        Network folded = scaling.FoldInto(network);
        rows.View.Row(3).Fill(1e30f);
        rows.View.Row(4).Fill(-1e30f);
        using var workspace = Workspace.For(folded, 1);
        float[] expected = new float[3], actual = new float[3];
        for (int r = 0; r < 20; r++)
        {
            network.Predict(Scaled(scaling, rows.View.Row(r)), expected, workspace);
            folded.Predict(rows.View.Row(r), actual, workspace);
            for (int i = 0; i < 3; i++) Assert.Equal(expected[i], actual[i], 1e-4);
        }
    }

    [Fact]
    public void Rows_that_are_all_the_same_or_not_finite_are_refused()
    {
        Assert.Throws<ArgumentException>("rows", () => InputScaling.Fit(new MatrixRows(Random((_, _, _) => 3))));
        Assert.Throws<ArgumentException>("rows", () => InputScaling.Fit(new MatrixRows(Random((r, _, x) => r == 9 ? float.NaN : x))));
        Assert.Throws<ArgumentException>("rows", () => InputScaling.Fit(new MatrixRows(Random((_, _, x) => x * 1e30f))));
        Assert.Throws<ArgumentException>("rows", () => InputScaling.Fit(new MatrixRows(Random((_, _, x) => x * 1e-30f))));
    }

    [Fact]
    public void The_scaling_does_not_depend_on_the_number_of_threads()
    {
        Matrix rows = PredictionTests.RandomMatrix(5000, Features, 3);
        float[] x = [1, 2, 3, 4, 5, 6];
        Assert.Equal(Scaled(InputScaling.Fit(new MatrixRows(rows), 1), x), Scaled(InputScaling.Fit(new MatrixRows(rows), 3), x));
    }

    private static float[] Scaled(InputScaling scaling, ReadOnlySpan<float> row)
    {
        float[] copy = row.ToArray();
        scaling.Apply(copy);
        return copy;
    }

    private static Matrix Random(Func<int, int, float, float> value)
    {
        Matrix matrix = PredictionTests.RandomMatrix(Rows, Features, 3);
        for (int r = 0; r < Rows; r++)
        {
            for (int c = 0; c < Features; c++) matrix.View[r, c] = value(r, c, matrix.View[r, c]);
        }
        return matrix;
    }
}
