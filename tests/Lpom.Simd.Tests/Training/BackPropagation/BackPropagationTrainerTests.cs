using FsCheck;
using FsCheck.Fluent;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Support;
using Lpom.Simd.Training;
using Lpom.Simd.Training.BackPropagation;

namespace Lpom.Simd.Tests.Training.BackPropagation;

[Collection(Allocations.Collection)]
public class BackPropagationTrainerTests
{
    private static readonly string[] Smooth = ["identity", "sigmoid", "tanh", "softplus", "elu"];

    private static readonly Arbitrary<int> Seeds = Gen.Choose(1, 1_000_000).ToArbitrary();

    [Theory]
    [InlineData(Optimizer.Sgd)]
    [InlineData(Optimizer.Adam)]
    public void Steps_follow_numeric_gradients_and_the_optimizer_s_definition(Optimizer optimizer) => Properties.Hold(Seeds, seed =>
    {
        var random = new Rng((ulong)seed);
        int[] widths = [.. Enumerable.Range(0, 2 + random.NextInt(3)).Select(_ => 1 + random.NextInt(5))];
        Loss loss = random.NextInt(2) == 0 ? Loss.CrossEntropy : Loss.LeastSquares;
        string hidden = Smooth[random.NextInt(Smooth.Length)];
        Network start = NetworkInit.Glorot(widths, ModelFiles.Named(hidden), ModelFiles.Named("identity"), loss, (ulong)seed, hasBiases: true);
        Matrix data = PredictionTests.RandomMatrix(20, widths[0], (ulong)seed);
        var options = new BackPropagationOptions
        {
            Optimizer = optimizer,
            LearningRate = optimizer == Optimizer.Adam ? 0.01f : 0.1f,
            WeightDecay = 0.1f,
            Schedule = StepSchedule.Linear,
            TotalSteps = 5,
            MaxBatch = 6,
            Threads = 1,
            // Where a gradient vanishes, Adam's step is its sign: a large ε leaves rounding alone.
            Epsilon = 1e-3f,
        };
        using var trainer = new BackPropagationTrainer(start, options, new MatrixRows(data));
        var reference = new NumericDescent(start, trainer.Scaling, options);
        for (int step = 0; step < 3; step++)
        {
            int[] rows = [.. Enumerable.Range(0, 6).Select(_ => random.NextInt(20))];
            int[] labels = [.. rows.Select(_ => random.NextInt(widths[^1]))];
            Assert.False(trainer.StepOnRows(rows, labels).Diverged);
            reference.Step([.. rows.Select(r => data.View.Row(r).ToArray())], labels);
        }
        Network network = trainer.ToNetwork();
        using var workspace = Workspace.For(network, 1);
        float[] scores = new float[network.Outputs];
        for (int row = 0; row < 20; row++)
        {
            network.Predict(data.View.Row(row), scores, workspace);
            double[] expected = reference.Predict(data.View.Row(row).ToArray());
            for (int i = 0; i < scores.Length; i++)
                Assert.True(Math.Abs(expected[i] - scores[i]) < 1e-3 * (1 + Math.Abs(expected[i])), $"seed {seed}: {start.Shape} {hidden} {loss}: {scores[i]}, not {expected[i]}");
        }
    }, count: 40);

    [Theory]
    [InlineData(Optimizer.Sgd, 2)]
    [InlineData(Optimizer.Adam, 3)]
    public void The_bits_do_not_depend_on_the_number_of_threads(Optimizer optimizer, int threads) =>
        Assert.Equal(TrainLarge(optimizer, 1), TrainLarge(optimizer, threads));

    [Theory]
    [InlineData(Optimizer.Sgd)]
    [InlineData(Optimizer.Adam)]
    public void A_step_allocates_nothing(Optimizer optimizer)
    {
        using BackPropagationTrainer trainer = Large(optimizer, 2);
        int[] rows = [.. Enumerable.Range(0, 100)];
        int[] labels = [.. rows.Select(i => i % 10)];
        Allocations.AssertNone(() => trainer.StepOnRows(rows, labels));
    }

    [Fact]
    public void A_step_size_out_of_all_proportion_is_reported_as_divergence()
    {
        var data = new MatrixRows(PredictionTests.RandomMatrix(50, 30, 5));
        Network start = NetworkInit.Glorot([30, 40, 3], ModelFiles.Named("relu"), ModelFiles.Named("identity"), Loss.CrossEntropy, 1, hasBiases: true);
        using var trainer = new BackPropagationTrainer(start, new BackPropagationOptions { LearningRate = 1e6f, Schedule = StepSchedule.Constant, MaxBatch = 50 }, data);
        int[] rows = [.. Enumerable.Range(0, 50)];
        int[] labels = [.. rows.Select(i => i % 3)];
        Assert.Contains(Enumerable.Range(0, 100), _ => trainer.StepOnRows(rows, labels).Diverged);
    }

    private static BackPropagationTrainer Large(Optimizer optimizer, int threads)
    {
        Network start = NetworkInit.Glorot([200, 150, 120, 10], ModelFiles.Named("relu"), ModelFiles.Named("identity"), Loss.CrossEntropy, 1, hasBiases: true);
        var options = new BackPropagationOptions { Optimizer = optimizer, Threads = threads, Schedule = StepSchedule.Constant };
        return new BackPropagationTrainer(start, options, new MatrixRows(PredictionTests.RandomMatrix(400, 200, 5)));
    }

    private static byte[] TrainLarge(Optimizer optimizer, int threads)
    {
        using BackPropagationTrainer trainer = Large(optimizer, threads);
        var random = new Rng(3);
        for (int step = 0; step < 5; step++)
        {
            int[] rows = [.. Enumerable.Range(0, 100).Select(_ => random.NextInt(400))];
            Assert.False(trainer.StepOnRows(rows, rows.Select(r => r % 10).ToArray()).Diverged);
        }
        return ModelFiles.Bytes(trainer.ToNetwork());
    }
}
