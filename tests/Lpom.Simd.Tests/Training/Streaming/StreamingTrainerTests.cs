using FsCheck;
using FsCheck.Fluent;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Proximal;
using Lpom.Simd.Tests.Reference;
using Lpom.Simd.Tests.Support;
using Lpom.Simd.Tests.Training.Paper;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Training.Streaming;

[Collection(Allocations.Collection)]
public class StreamingTrainerTests
{
    private const int TotalSteps = 8;

    private static readonly Arbitrary<int> Seeds = Gen.Choose(1, 1_000_000).ToArbitrary();

    [Fact]
    public void Steps_follow_the_equations_in_double_precision() => Properties.Hold(Seeds, seed =>
    {
        var random = new Rng((ulong)seed);
        int[] widths = [.. Enumerable.Range(0, 2 + random.NextInt(3)).Select(_ => 1 + random.NextInt(9))];
        string name = Activation.All[random.NextInt(Activation.All.Count)].Name;
        bool crossEntropy = random.NextInt(2) == 0, adaptive = random.NextInt(3) == 0;
        int batch = 1 + random.NextInt(12);
        Network start = RandomStart(widths, name, crossEntropy ? Loss.CrossEntropy : Loss.LeastSquares);
        Matrix data = PredictionTests.RandomMatrix(40, widths[0], (ulong)seed);
        var rows = new MatrixRows(data);
        var options = new StreamingOptions { TotalSteps = TotalSteps, MaxBatch = batch, Threads = 1, AdaptiveMu = adaptive };
        using var trainer = new StreamingTrainer(start, options, rows);
        ReferenceStreaming reference = Reference(start, name, rows, trainer.Scaling, options);
        string description = $"seed {seed}: {start.Shape} {name} {start.Loss} batch {batch} adaptive {adaptive}";
        for (int step = 0; step < 6; step++)
        {
            int[] numbers = [.. Enumerable.Range(0, 1 + random.NextInt(batch)).Select(_ => random.NextInt(40))];
            int[] labels = [.. numbers.Select(_ => random.NextInt(widths[^1]))];
            Assert.False(trainer.StepOnRows(numbers, labels).Diverged, description);
            reference.Step(ScaledRow(rows, trainer.Scaling, numbers), ReferenceMatrix.Build(labels.Length, widths[^1], (r, c) => labels[r] == c ? 1 : 0));
        }
        AssertSameOutputs(reference, trainer, data, rows, description);
    }, count: 100);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_bits_do_not_depend_on_the_number_of_threads_nor_on_how_rows_are_handed_in(int threads)
    {
        byte[] one = TrainLarge([200, 150, 120, 10], threads: 1, byNumber: true);
        Assert.Equal(one, TrainLarge([200, 150, 120, 10], threads, byNumber: true));
        Assert.Equal(one, TrainLarge([200, 150, 120, 10], threads, byNumber: false));
    }

    [Fact]
    public void Nor_do_those_of_a_wide_network()
    {
        int[] wide = [20, 700, 300, 10];
        Assert.Equal(TrainLarge(wide, threads: 1, byNumber: true), TrainLarge(wide, threads: 2, byNumber: false));
    }

    [Fact]
    public void Layers_at_once_give_the_bits_of_one_thread() => Properties.Hold(Seeds, seed =>
    {
        var random = new Rng((ulong)seed);
        int widest = random.NextInt(5) == 0 ? 450 : 60;
        int[] widths = [.. Enumerable.Range(0, 4 + random.NextInt(7)).Select(_ => 1 + random.NextInt(widest))];
        bool adaptive = random.NextInt(2) == 0;
        Loss loss = random.NextInt(2) == 0 ? Loss.CrossEntropy : Loss.LeastSquares;
        int batch = 1 + random.NextInt(90), threads = 2 + random.NextInt(4);
        var options = new StreamingOptions { TotalSteps = 12, MaxBatch = batch, Threads = 1, AdaptiveMu = adaptive, AveragedPart = 0.3f, InputDropout = 0.1f };
        byte[] one = TrainParallel(widths, loss, options, seed);
        byte[] layers = TrainParallel(widths, loss, options with { Threads = threads, Parallelism = Parallelism.Rows }, seed);
        Assert.True(one.SequenceEqual(layers), $"seed {seed}: {string.Join('-', widths)} {loss} batch {batch} adaptive {adaptive} threads {threads}");
    }, count: 25);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(12)]
    public void Neither_do_those_of_a_deep_network_whose_layers_are_done_at_once(int threads)
    {
        int[] deep = [40, .. Enumerable.Repeat(64, 8), 10];
        var options = new StreamingOptions { TotalSteps = 12, MaxBatch = 40, Threads = 1 };
        Assert.Equal(TrainParallel(deep, Loss.CrossEntropy, options, 1), TrainParallel(deep, Loss.CrossEntropy, options with { Threads = threads, Parallelism = Parallelism.Rows }, 1));
    }

    [Fact]
    public void A_batch_may_be_as_large_as_the_data()
    {
        const int samples = 40_000;
        var data = new MatrixRows(PredictionTests.RandomMatrix(samples, 3, 1));
        using var trainer = new StreamingTrainer(RandomStart([3, 4, 2], "relu", Loss.CrossEntropy), new StreamingOptions { TotalSteps = 1, MaxBatch = samples, Threads = 1 }, data);
        int[] rows = [.. Enumerable.Range(0, samples)];
        Assert.False(trainer.StepOnRows(rows, [.. rows.Select(r => r % 2)]).Diverged);
    }

    [Fact]
    public void Bounds_of_a_run_before_stay()
    {
        var data = new MatrixRows(PredictionTests.RandomMatrix(50, 2, 1));
        Network start = RandomStart([2, 3], "relu", Loss.CrossEntropy);
        var bounded = new Network(start.Layers, start.Loss, start.Metadata, new InputBounds([-5f, -5f], [5f, 6f]));
        using var trainer = new StreamingTrainer(bounded, new StreamingOptions { TotalSteps = 1, Threads = 1 }, data);
        Assert.Equal([5f, 6f], trainer.ToNetwork().InputBounds!.Upper.ToArray());
    }

    [Theory]
    [InlineData(1, false, Parallelism.Products)]
    [InlineData(2, false, Parallelism.Products)]
    [InlineData(2, true, Parallelism.Products)]
    public void A_step_allocates_nothing(int threads, bool adaptive, Parallelism parallelism) =>
        AssertAllocatesNothing([100, 150, 120, 10], threads, adaptive, parallelism);

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Nor_does_one_of_all_layers_at_once(int threads, bool adaptive) =>
        AssertAllocatesNothing([100, .. Enumerable.Repeat(50, 8), 10], threads, adaptive, Parallelism.Rows);

    private static void AssertAllocatesNothing(int[] widths, int threads, bool adaptive, Parallelism parallelism)
    {
        var data = new MatrixRows(PredictionTests.RandomMatrix(300, 100, 5));
        var options = new StreamingOptions { Threads = threads, AdaptiveMu = adaptive, Schedule = StepSchedule.Constant, Parallelism = parallelism };
        using var trainer = new StreamingTrainer(RandomStart(widths, "relu", Loss.CrossEntropy), options, data);
        int[] rows = [.. Enumerable.Range(0, 100).Select(i => i * 3)];
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i % 10)];
        Allocations.AssertNone(() => trainer.StepOnRows(rows, labels));
    }

    [Fact]
    public void A_batch_that_is_not_finite_is_reported_and_the_weights_stay()
    {
        var data = new MatrixRows(PredictionTests.RandomMatrix(50, 4, 1));
        using var trainer = new StreamingTrainer(RandomStart([4, 5, 3], "relu", Loss.CrossEntropy), new StreamingOptions { Schedule = StepSchedule.Constant, Threads = 1 }, data);
        byte[] before = ModelFiles.Bytes(trainer.ToNetwork());
        Matrix inputs = PredictionTests.RandomMatrix(3, 4, 1);
        inputs.View[2, 1] = float.NaN;
        StepReport report = trainer.Step(inputs.View, [0, 1, 2]);
        Assert.Equal(DivergenceKind.NotFinite, report.Divergence.Kind);
        Assert.Equal(before, ModelFiles.Bytes(trainer.ToNetwork()));
    }

    [Fact]
    public void Targets_far_away_are_reached_within_the_trust_bound()
    {
        // Least squares far from its targets: without the bound the first steps overshoot by orders of magnitude, and never come back.
        var data = new MatrixRows(PredictionTests.RandomMatrix(60, 6, 1));
        var options = new StreamingOptions { TotalSteps = 1000, MaxBatch = 60, Threads = 1 };
        using var trainer = new StreamingTrainer(RandomStart([6, 20, 2], "relu", Loss.LeastSquares), options, data);
        int[] rows = [.. Enumerable.Range(0, 60)];
        var targets = new Matrix(60, 2);
        for (int r = 0; r < 60; r++) targets.View.Row(r).Fill(1000f);
        double first = trainer.StepOnRows(rows, targets.View).Loss, last = first;
        for (int step = 0; step < 300; step++)
        {
            StepReport report = trainer.StepOnRows(rows, targets.View);
            Assert.False(report.Diverged);
            last = report.Loss;
        }
        Assert.InRange(last, 0, 1e-4 * first);
    }

    [Theory]
    [InlineData(StepSchedule.Linear)]
    [InlineData(StepSchedule.Constant)]
    public void The_average_is_the_mean_of_the_last_steps_weights(StepSchedule schedule)
    {
        var data = new MatrixRows(PredictionTests.RandomMatrix(50, 4, 1));
        Network start = RandomStart([4, 3], "relu", Loss.LeastSquares);
        var options = new StreamingOptions { TotalSteps = 8, AveragedPart = 0.5f, Schedule = schedule, Threads = 1 };
        using var averaged = new StreamingTrainer(start, options, data);
        using var plain = new StreamingTrainer(start, options with { AveragedPart = 0 }, data);
        double[,] sum = new double[3, 4];
        int[] rows = [.. Enumerable.Range(0, 50)], labels = [.. rows.Select(r => r % 3)];
        for (int step = 0; step < 8; step++)
        {
            averaged.StepOnRows(rows, labels);
            plain.StepOnRows(rows, labels);
            if (step < 4) continue;
            double[,] weights = TrainingCase.ToDouble(plain.ToNetwork().Layers[0].Weights);
            sum = ReferenceMatrix.Build(3, 4, (r, c) => sum[r, c] + (weights[r, c] / 4));
        }
        double[,] mean = TrainingCase.ToDouble(averaged.ToNetwork().Layers[0].Weights);
        Assert.All(Enumerable.Range(0, 12), i => Assert.Equal(sum[i / 4, i % 4], mean[i / 4, i % 4], 1e-5));
    }

    [Fact]
    public void Dropout_sets_its_part_to_zero_keeps_the_mean_and_repeats_with_the_seed()
    {
        var h = new Matrix(200, 101);
        var again = new Matrix(200, 101);
        foreach (Matrix m in (Matrix[])[h, again])
        {
            for (int r = 0; r < 200; r++) m.View.Row(r).Fill(1);
            new InputDropout(0.25f, seed: 4).Apply(m.View, step: 9);
        }
        double[] values = [.. TrainingCase.ToDouble(h.View).Cast<double>()];
        Assert.InRange(values.Count(v => v == 0) / 20000.0, 0.23, 0.27);
        Assert.InRange(values.Average(), 0.98, 1.02);
        Assert.All(Enumerable.Range(0, 200), r => Assert.Equal(1, h.View[r, 100]));
        Assert.Equal(values, TrainingCase.ToDouble(again.View).Cast<double>());
        new InputDropout(0.25f, seed: 4).Apply(again.View, step: 10);
        Assert.NotEqual(values, TrainingCase.ToDouble(again.View).Cast<double>());
    }

    [Fact]
    public void With_dropout_rows_by_number_and_rows_handed_in_still_give_the_same_bits() =>
        Assert.Equal(TrainLarge([60, 50, 10], 1, byNumber: true, dropout: 0.1f), TrainLarge([60, 50, 10], 2, byNumber: false, dropout: 0.1f));

    [Fact]
    public void Wrong_arguments_are_refused_before_any_work()
    {
        var data = new MatrixRows(PredictionTests.RandomMatrix(50, 4, 1));
        Network start = RandomStart([4, 5, 3], "relu", Loss.CrossEntropy);
        Assert.Throws<ArgumentException>("rows", () => new StreamingTrainer(RandomStart([5, 3], "relu", Loss.CrossEntropy), new StreamingOptions { TotalSteps = 1 }, data));
        Assert.Throws<ArgumentOutOfRangeException>("TotalSteps", () => new StreamingTrainer(start, new StreamingOptions(), data));
        Assert.Throws<ArgumentOutOfRangeException>("TotalSteps", () => new StreamingTrainer(start, new StreamingOptions { Schedule = StepSchedule.Constant, AveragedPart = 0.1f }, data));
        Assert.Throws<ArgumentException>("scaling", () => new StreamingTrainer(start, new StreamingOptions { TotalSteps = 1 }, data, InputScaling.Fit(new MatrixRows(PredictionTests.RandomMatrix(50, 5, 1)))));
        using var trainer = new StreamingTrainer(start, new StreamingOptions { TotalSteps = 1, MaxBatch = 2 }, data);
        Assert.Throws<ArgumentException>("rows", () => trainer.StepOnRows([0, 50], [0, 1]));
        Assert.Throws<ArgumentException>("rows", () => trainer.StepOnRows([0, 1, 2], [0, 1, 2]));
        Assert.Throws<ArgumentException>("labels", () => trainer.StepOnRows([0, 1], [0, 3]));
    }

    private static byte[] TrainLarge(int[] widths, int threads, bool byNumber, float dropout = 0)
    {
        Matrix data = PredictionTests.RandomMatrix(400, widths[0], 5);
        var options = new StreamingOptions { TotalSteps = 12, Threads = threads, InputDropout = dropout };
        using var trainer = new StreamingTrainer(RandomStart(widths, "tanh", Loss.CrossEntropy), options, new MatrixRows(data));
        var random = new Rng(3);
        for (int step = 0; step < 12; step++)
        {
            int[] numbers = [.. Enumerable.Range(0, 100).Select(_ => random.NextInt(400))];
            int[] labels = [.. numbers.Select(n => n % 10)];
            var batch = new Matrix(100, widths[0]);
            for (int i = 0; i < 100; i++) data.View.Row(numbers[i]).CopyTo(batch.View.Row(i));
            Assert.False((byNumber ? trainer.StepOnRows(numbers, labels) : trainer.Step(batch.View, labels)).Diverged);
        }
        return ModelFiles.Bytes(trainer.ToNetwork());
    }

    private static byte[] TrainParallel(int[] widths, Loss loss, StreamingOptions options, int seed)
    {
        var data = new MatrixRows(PredictionTests.RandomMatrix(200, widths[0], (ulong)seed));
        using var trainer = new StreamingTrainer(RandomStart(widths, "relu", loss), options, data);
        var random = new Rng((ulong)seed);
        for (int step = 0; step < 12; step++)
        {
            int[] numbers = [.. Enumerable.Range(0, 1 + random.NextInt(options.MaxBatch)).Select(_ => random.NextInt(200))];
            _ = trainer.StepOnRows(numbers, [.. numbers.Select(n => n % widths[^1])]);
        }
        return ModelFiles.Bytes(trainer.ToNetwork());
    }

    private static Network RandomStart(int[] widths, string hidden, Loss loss) =>
        NetworkInit.Glorot(widths, ModelFiles.Named(hidden), ModelFiles.Named("identity"), loss, seed: 9, hasBiases: true);

    private static ReferenceStreaming Reference(Network start, string hidden, MatrixRows rows, InputScaling scaling, StreamingOptions options)
    {
        using var context = new KernelContext(1);
        InputMetric metric = InputMetric.Fit(context, new ScaledRows(rows, scaling), options.EffectiveDimension);
        ReferenceActivation[] activations = [.. start.Layers.Select((_, i) => ActivationCase.Of(i == start.Layers.Count - 1 ? "identity" : hidden).Reference)];
        double[][,] weights = [.. start.Layers.Select(l => ReferenceMatrix.Build(l.Outputs, l.Inputs + 1, (r, c) => c == l.Inputs ? l.Bias[r] : l.Weights[r, c]))];
        // The start acts on raw rows, the reference on scaled ones.
        float[] zero = new float[rows.Features], one = new float[rows.Features];
        scaling.Apply(zero);
        one.AsSpan().Fill(1);
        scaling.Apply(one);
        for (int unit = 0; unit < weights[0].GetLength(0); unit++)
        {
            for (int j = 0; j < rows.Features; j++)
            {
                weights[0][unit, j] /= (double)one[j] - zero[j];
                weights[0][unit, rows.Features] -= weights[0][unit, j] * zero[j];
            }
        }
        return new ReferenceStreaming(weights, ScaledRow(rows, scaling, [.. Enumerable.Range(0, rows.Rows)]), metric.Damping)
        {
            Phi = [.. activations.Select(a => a.Phi)],
            Lipschitz = [.. activations.Select(a => a.Lipschitz)],
            CrossEntropy = start.Loss == Loss.CrossEntropy,
            Smoothing = options.LabelSmoothing,
            AdaptiveMu = options.AdaptiveMu,
            TotalSteps = TotalSteps,
        };
    }

    private static double[,] ScaledRow(MatrixRows rows, InputScaling scaling, int[] numbers)
    {
        var result = new double[numbers.Length, rows.Features + 1];
        float[] row = new float[rows.Features];
        for (int i = 0; i < numbers.Length; i++)
        {
            rows.CopyInputs(numbers[i], 1, row, row.Length);
            scaling.Apply(row);
            for (int j = 0; j < row.Length; j++) result[i, j] = row[j];
            result[i, row.Length] = 1;
        }
        return result;
    }

    private static void AssertSameOutputs(ReferenceStreaming reference, StreamingTrainer trainer, Matrix data, MatrixRows rows, string description)
    {
        Network network = trainer.ToNetwork();
        double[,] expected = reference.Predict(ScaledRow(rows, trainer.Scaling, [.. Enumerable.Range(0, 20)]));
        using var workspace = Workspace.For(network, 20);
        var actual = new Matrix(20, network.Outputs);
        network.PredictBatch(data.Top(20), actual.View, workspace);
        double[,] difference = TrainingCase.ToDouble(actual.View);
        for (int r = 0; r < 20; r++)
        {
            for (int c = 0; c < network.Outputs; c++)
                Assert.True(Math.Abs(difference[r, c] - expected[r, c]) < 2e-3 * (1 + Math.Abs(expected[r, c])), $"{description}: {difference[r, c]}, not {expected[r, c]}");
        }
    }
}
