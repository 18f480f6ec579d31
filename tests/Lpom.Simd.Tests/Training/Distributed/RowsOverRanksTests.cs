using FsCheck;
using FsCheck.Fluent;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Support;
using Lpom.Simd.Training;
using Lpom.Simd.Training.BackPropagation;
using Lpom.Simd.Training.Distributed;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Training.Distributed;

/// <summary>Several processes that share every step, each of which has a part of the batch and of every layer's units.</summary>
public class RowsOverRanksTests
{
    private const int Steps = 12, Samples = 200;

    private static readonly Arbitrary<int> Seeds = Gen.Choose(1, 1_000_000).ToArbitrary();

    [Fact]
    public void The_bits_do_not_depend_on_the_number_of_ranks() => Properties.Hold(Seeds, seed =>
    {
        var random = new Rng((ulong)seed);
        int widest = random.NextInt(4) == 0 ? 450 : 60, ranks = 2 + random.NextInt(4);
        Case example = Case.Random(random, seed, widest);
        (byte[] weights, byte[] state) = example.Train(null);
        Assert.All(ThreadRanks.Run(ranks, example.Train), result =>
        {
            Assert.True(weights.SequenceEqual(result.Weights), $"{ranks} ranks: {example}");
            Assert.True(state.SequenceEqual(result.State), $"{ranks} ranks, state: {example}");
        });
    }, count: 30);

    [Fact]
    public void A_run_goes_on_with_another_number_of_ranks() => Properties.Hold(Seeds, seed =>
    {
        var random = new Rng((ulong)seed);
        Case example = Case.Random(random, seed, widest: 40);
        byte[] weights = example.Train(null).Weights;
        byte[] half = ThreadRanks.Run(3, ranks => example.Train(ranks, null, 0, Steps / 2))[1].State;
        Assert.All(ThreadRanks.Run(2, ranks => example.Train(ranks, half, Steps / 2, Steps)), result => Assert.True(weights.SequenceEqual(result.Weights), $"{example}"));
    }, count: 10);

    [Fact]
    public void Large_layers_travel_from_where_they_lie()
    {
        var example = new Case(TrainSeed: 3, [30, 520, 390, 10], "lpom", "relu", Loss.CrossEntropy, Batch: 64, Adaptive: false);
        byte[] weights = example.Train(null).Weights;
        Assert.All(ThreadRanks.Run(2, example.Train), result => Assert.True(weights.SequenceEqual(result.Weights)));
    }

    [Fact]
    public void A_batch_that_is_not_finite_is_found_by_all()
    {
        bool[] diverged = ThreadRanks.Run(2, ranks =>
        {
            var options = new StreamingOptions { TotalSteps = Steps, MaxBatch = 4, Threads = 1 };
            using var trainer = new StreamingTrainer(Case.Start([5, 6, 3], "relu", Loss.CrossEntropy), options, new MatrixRows(PredictionTests.RandomMatrix(50, 5, 1)), ranks: ranks);
            Simd.Kernels.Memory.Matrix batch = PredictionTests.RandomMatrix(4, 5, 2);
            batch.View[3, 2] = float.NaN;
            return trainer.Step(batch.View, [0, 1, 2, 0]).Diverged;
        });
        Assert.Equal([true, true], diverged);
    }

    /// <summary>A network, its data and how it is trained.</summary>
    private sealed record Case(int TrainSeed, int[] Widths, string Method, string Hidden, Loss Loss, int Batch, bool Adaptive)
    {
        public static Case Random(Rng random, int seed, int widest)
        {
            int[] widths = [.. Enumerable.Range(0, 2 + random.NextInt(4)).Select(_ => 1 + random.NextInt(widest))];
            string method = random.NextInt(4) switch { 0 => "sgd", 1 => "adam", _ => "lpom" };
            string hidden = Activation.All[random.NextInt(Activation.All.Count)].Name;
            return new Case(seed, widths, method, hidden, random.NextInt(2) == 0 ? Loss.CrossEntropy : Loss.LeastSquares, 1 + random.NextInt(90), random.NextInt(3) == 0);
        }

        public static Network Start(int[] widths, string hidden, Loss loss) =>
            NetworkInit.Glorot(widths, ModelFiles.Named(hidden), ModelFiles.Named("identity"), loss, seed: 9, hasBiases: true);

        public (byte[] Weights, byte[] State) Train(ICommunicator? ranks) => Train(ranks, null, 0, Steps);

        public (byte[] Weights, byte[] State) Train(ICommunicator? ranks, byte[]? state, int first, int end)
        {
            using RowTrainer trainer = Trainer(ranks);
            if (state is not null) trainer.LoadState(new MemoryStream(state));
            for (int step = first; step < end; step++)
            {
                var random = new Rng((ulong)TrainSeed, (ulong)step);
                int[] numbers = [.. Enumerable.Range(0, 1 + random.NextInt(Batch)).Select(_ => random.NextInt(Samples))];
                _ = trainer.StepOnRows(numbers, [.. numbers.Select(n => n % Widths[^1])]);
            }
            trainer.CollectState();
            using var saved = new MemoryStream();
            trainer.SaveState(saved);
            return (ModelFiles.Bytes(trainer.ToNetwork()), saved.ToArray());
        }

        private RowTrainer Trainer(ICommunicator? ranks)
        {
            var rows = new MatrixRows(PredictionTests.RandomMatrix(Samples, Widths[0], (ulong)TrainSeed));
            Network start = Start(Widths, Hidden, Loss);
            return Method == "lpom"
                ? new StreamingTrainer(start, new StreamingOptions { TotalSteps = Steps, MaxBatch = Batch, Threads = 1, AdaptiveMu = Adaptive, AveragedPart = 0.3f, InputDropout = 0.1f }, rows, ranks: ranks)
                : new BackPropagationTrainer(start, new BackPropagationOptions { TotalSteps = Steps, MaxBatch = Batch, Threads = 1, Optimizer = Method == "adam" ? Optimizer.Adam : Optimizer.Sgd, LearningRate = 0.01f }, rows, ranks: ranks);
        }

        public override string ToString() => $"seed {TrainSeed}: {string.Join('-', Widths)} {Method} {Hidden} {Loss} batch {Batch} adaptive {Adaptive}";
    }
}
