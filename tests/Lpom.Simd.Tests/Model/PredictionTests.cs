using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Reference;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Model;

[Collection(Allocations.Collection)]
public class PredictionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(33)]
    public void A_batch_has_the_scores_of_the_double_precision_forward_pass(int rows)
    {
        Network network = RandomNetwork([19, 33, 5], bias: true);
        Matrix x = RandomMatrix(rows, 19, 2);
        var scores = new Matrix(rows, 5);
        using var workspace = Workspace.For(network, rows);
        network.PredictBatch(x.View, scores.View, workspace);
        double[,] expected = ReferenceMatrix.Build(rows, 19, (r, c) => x.View[r, c]);
        foreach (Layer layer in network.Layers)
        {
            double[,] input = expected;
            bool relu = layer.Activation.Name == "relu";
            double Score(int r, int o)
            {
                double z = layer.Bias[o];
                for (int i = 0; i < layer.Inputs; i++) z += layer.Weights[o, i] * input[r, i];
                return relu ? Math.Max(z, 0) : z;
            }
            expected = ReferenceMatrix.Build(rows, layer.Outputs, Score);
        }
        for (int r = 0; r < rows; r++)
        {
            for (int o = 0; o < 5; o++) Assert.Equal(expected[r, o], scores.View[r, o], 1e-4);
        }
    }

    [Fact]
    public void A_sample_has_the_same_bits_alone_and_in_a_batch_on_any_number_of_threads()
    {
        Network network = RandomNetwork([50, 300, 70, 10], bias: false);
        Matrix x = RandomMatrix(200, 50, 3);
        var expected = new Matrix(200, 10);
        using (var workspace = Workspace.For(network, 200)) network.PredictBatch(x.View, expected.View, workspace);
        var threaded = new Matrix(200, 10);
        using (var workspace = Workspace.For(network, 200, threads: 3)) network.PredictBatch(x.View, threaded.View, workspace);
        using var single = Workspace.For(network, 1);
        float[] scores = new float[10];
        for (int r = 0; r < 200; r++)
        {
            Assert.Equal(expected.View.Row(r), threaded.View.Row(r));
            network.Predict(x.View.Row(r), scores, single);
            Assert.Equal(expected.View.Row(r), scores.AsSpan());
            Assert.Equal(scores.AsSpan().IndexOf(scores.Max()), network.PredictLabel(x.View.Row(r), single));
        }
    }

    [Fact]
    public void Predictions_allocate_nothing()
    {
        Network network = RandomNetwork([50, 30, 10], bias: true);
        Matrix x = RandomMatrix(64, 50, 3);
        var scores = new Matrix(64, 10);
        using var workspace = Workspace.For(network, 64);
        Allocations.AssertNone(() =>
        {
            network.PredictBatch(x.View, scores.View, workspace);
            network.Predict(x.View.Row(1), scores.View.Row(0), workspace);
            network.PredictLabel(x.View.Row(2), workspace);
        });
    }

    [Theory]
    [InlineData(WeightPrecision.BFloat16, 0.02, 1e-5)]
    [InlineData(WeightPrecision.Int8, 0.05, 2e-4)]
    public void In_lower_precision_scores_are_close_allocate_nothing_and_are_those_of_the_rounded_network(WeightPrecision precision, double tolerance, double toRounded)
    {
        Network network = RandomNetwork([50, 40, 5], bias: true), lower = network.WithPrecision(precision);
        Assert.Same(lower.Layers[0], lower.WithPrecision(precision).Layers[0]);
        Matrix x = RandomMatrix(200, 50, 1), exact = new(200, 5), scores = new(200, 5), rounded = new(200, 5);
        using Workspace workspace = Workspace.For(network, 200);
        network.PredictBatch(x.View, exact.View, workspace);
        lower.PredictBatch(x.View, scores.View, workspace);
        lower.WithPrecision(WeightPrecision.Float32).PredictBatch(x.View, rounded.View, workspace);
        double largest = Enumerable.Range(0, 1000).Max(i => Math.Abs(exact.View[i / 5, i % 5]));
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(exact.View[i / 5, i % 5], scores.View[i / 5, i % 5], tolerance * largest);
            Assert.Equal(rounded.View[i / 5, i % 5], scores.View[i / 5, i % 5], toRounded * largest);
        }
        float[] one = new float[5];
        Allocations.AssertNone(() => lower.Predict(x.View.Row(0), one, workspace));
        Network folded = lower.FoldOutputs([2f, 2f, 2f, 2f, 2f], new float[5]);
        Assert.Equal(precision, folded.Layers[^1].Precision);
        folded.Predict(x.View.Row(0), one, workspace);
        for (int i = 0; i < 5; i++) Assert.Equal(2 * scores.View[0, i], one[i], 1e-5 * largest);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(precision), () => network.WithPrecision((WeightPrecision)3));
    }

    [Theory]
    [InlineData(WeightPrecision.Float32)]
    [InlineData(WeightPrecision.BFloat16)]
    [InlineData(WeightPrecision.Int8)]
    public void In_the_caller_s_memory_and_of_bytes_a_sample_has_the_bits_that_it_has_in_a_workspace(WeightPrecision precision)
    {
        Network network = RandomNetwork([50, 40, 30, 5], bias: true).WithPrecision(precision);
        byte[] bytes = [.. Enumerable.Range(0, 50).Select(i => (byte)(i * 37))];
        float[] x = [.. bytes.Select(b => (float)b)], expected = new float[5], scores = new float[5], memory = new float[network.WorkspaceLength + 7];
        using var workspace = Workspace.For(network, 3);
        network.Predict(x, expected, workspace);
        Array.Fill(memory, float.NaN);
        Allocations.AssertNone(() => network.Predict(x, scores, memory.AsSpan(3)));
        Assert.Equal(expected, scores);
        scores.AsSpan().Clear();
        Allocations.AssertNone(() => network.Predict(bytes, scores, memory.AsSpan(1)));
        Assert.Equal(expected, scores);
        scores.AsSpan().Clear();
        Allocations.AssertNone(() => network.Predict(bytes, scores, workspace));
        Assert.Equal(expected, scores);
        Assert.Equal(network.PredictLabel(x, workspace), network.PredictLabel(bytes, workspace));
        Assert.Throws<ArgumentException>("workspace", () => network.Predict(x, scores, new float[network.WorkspaceLength - 1]));
        Assert.Throws<ArgumentException>("x", () => network.Predict(bytes.AsSpan(1), scores, memory.AsSpan()));
        Assert.Throws<ArgumentException>("scores", () => network.Predict(bytes, new float[4], workspace));
    }

    [Fact]
    public void Threads_that_share_a_network_have_the_scores_of_one()
    {
        Network network = RandomNetwork([50, 40, 5], bias: true);
        Matrix x = RandomMatrix(64, 50, 4), expected = new(64, 5);
        using (var workspace = Workspace.For(network, 64)) network.PredictBatch(x.View, expected.View, workspace);
        Parallel.For(0, 8, thread =>
        {
            Span<float> memory = stackalloc float[network.WorkspaceLength], scores = stackalloc float[5];
            for (int i = 0; i < 5000; i++)
            {
                network.Predict(x.View.Row(i % 64), scores, memory);
                Assert.Equal(expected.View.Row(i % 64), scores);
            }
        });
    }

    [Theory]
    [InlineData(WeightPrecision.Float32, 1e-5)]
    [InlineData(WeightPrecision.BFloat16, 0.01)]
    [InlineData(WeightPrecision.Int8, 2e-4)]
    public void Folded_inputs_give_raw_values_the_scores_of_prepared_ones(WeightPrecision precision, double tolerance)
    {
        Network plain = RandomNetwork([40, 30, 5], bias: true).WithPrecision(precision);
        float[] raw = [.. RandomMatrix(1, 40, 5).View.Row(0)], factors = [.. Enumerable.Range(1, 40).Select(_ => -0.25f)], offsets = [.. RandomMatrix(1, 40, 6).View.Row(0)];
        var bounds = new InputBounds([.. Enumerable.Repeat(-0.4f, 40)], [.. Enumerable.Repeat(0.3f, 40)]);
        foreach (Network network in (Network[])[plain, new Network(plain.Layers, plain.Loss, inputBounds: bounds)])
        {
            Network folded = network.FoldInputs(factors, offsets);
            Assert.Equal(precision, folded.Layers[0].Precision);
            float[] prepared = [.. raw.Select((value, j) => (value * factors[j]) + offsets[j])], expected = new float[5], scores = new float[5];
            using var workspace = Workspace.For(network, 1);
            network.Predict(prepared, expected, workspace);
            folded.Predict(raw, scores, workspace);
            for (int i = 0; i < 5; i++) Assert.Equal(expected[i], scores[i], tolerance * (1 + expected.Max(Math.Abs)));
        }
        Assert.Throws<ArgumentException>("factors", () => plain.FoldInputs(factors.AsSpan(1), offsets));
        Assert.Throws<ArgumentException>("factors", () => plain.FoldInputs([.. Enumerable.Repeat(float.PositiveInfinity, 40)], offsets));
    }

    [Fact]
    public void Wrong_shapes_are_refused()
    {
        Network network = RandomNetwork([5, 4, 3], bias: false);
        using var workspace = Workspace.For(network, 2);
        Assert.Throws<ArgumentException>(() => network.Predict(new float[4], new float[3], workspace));
        Assert.Throws<ArgumentException>(() => network.Predict(new float[5], new float[2], workspace));
        Assert.Throws<ArgumentException>(() => network.PredictBatch(new(new float[15], 3, 5), new(new float[9], 3, 3), workspace));
        using var other = Workspace.For(RandomNetwork([5, 3, 3], bias: false), 2);
        Assert.Throws<ArgumentException>(() => network.Predict(new float[5], new float[3], other));
        Assert.Throws<ArgumentOutOfRangeException>(() => Workspace.For(network, 0));
    }

    [Fact]
    public void A_workspace_in_use_is_refused_to_another_caller()
    {
        Network network = RandomNetwork([5, 4, 3], bias: false);
        using var workspace = Workspace.For(network, 1);
        workspace.Enter();
        Assert.Throws<InvalidOperationException>(() => network.PredictLabel(new float[5], workspace));
        workspace.Leave();
        network.PredictLabel(new float[5], workspace);
    }

    [Fact]
    public void Layers_that_do_not_fit_are_no_network()
    {
        Layer Make(int outputs, int inputs, string activation = "relu") =>
            new(new Matrix(outputs, inputs).View, [], ModelFiles.Named(activation));
        Assert.Throws<ArgumentException>(() => new Network([], Loss.LeastSquares));
        Assert.Throws<ArgumentException>(() => new Network([Make(3, 2), Make(2, 4)], Loss.LeastSquares));
        Assert.Throws<ArgumentException>(() => new Network([Make(3, 2)], Loss.CrossEntropy));
        Assert.Throws<ArgumentException>(() => new Layer(new Matrix(3, 2).View, [1, 2], ModelFiles.Named("relu")));
    }

    [Fact]
    public void Glorot_weights_fill_their_bound_and_repeat_with_the_seed()
    {
        Network Make(ulong seed) => NetworkInit.Glorot([40, 60, 10], ModelFiles.Named("relu"), ModelFiles.Named("relu"), Loss.LeastSquares, seed);
        byte[] bytes = ModelFiles.Bytes(Make(1));
        Assert.Equal(bytes, ModelFiles.Bytes(Make(1)));
        Assert.NotEqual(bytes, ModelFiles.Bytes(Make(2)));
        float bound = MathF.Sqrt(6f / 100);
        float[] first = Weights(Make(1).Layers[0]);
        Assert.InRange(first.Max(), 0.98f * bound, bound);
        Assert.InRange(first.Min(), -bound, -0.98f * bound);
        Assert.All(Weights(Make(1).Layers[1]), w => Assert.True(w >= 0));
    }

    internal static Network RandomNetwork(int[] widths, bool bias)
    {
        var layers = new List<Layer>();
        for (int i = 0; i + 1 < widths.Length; i++)
        {
            Matrix weights = RandomMatrix(widths[i + 1], widths[i], (ulong)i);
            ReadOnlySpan<float> biases = bias ? RandomMatrix(1, widths[i + 1], 99).View.Row(0) : [];
            layers.Add(new Layer(weights.View, biases, ModelFiles.Named(i + 2 == widths.Length ? "identity" : "relu")));
        }
        return new Network(layers, Loss.LeastSquares);
    }

    internal static Matrix RandomMatrix(int rows, int cols, ulong seed)
    {
        var random = new Rng(seed);
        var matrix = new Matrix(rows, cols);
        for (int r = 0; r < rows; r++)
        {
            foreach (ref float x in matrix.View.Row(r)) x = (2 * random.NextSingle()) - 1;
        }
        return matrix;
    }

    private static float[] Weights(Layer layer) =>
        [.. Enumerable.Range(0, layer.Outputs).SelectMany(r => layer.Weights.Row(r).ToArray())];
}
