using FsCheck;
using FsCheck.Fluent;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Support;
using Lpom.Simd.Tests.Training.Paper;
using Lpom.Simd.Training;
using Lpom.Simd.Training.BackPropagation;
using Lpom.Simd.Training.Distributed;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Training.Distributed;

/// <summary>Several processes that share every step, each of which has a part of every large layer's units.</summary>
public class UnitsOverRanksTests
{
    // Of the weights after all steps: products over all ranks' units are added in parts, which Adam, whose first steps are signs, amplifies most.
    private const double Tolerance = 5e-5;

    private const int Steps = 12, Samples = 200;

    private static readonly Arbitrary<int> Seeds = Gen.Choose(1, 1_000_000).ToArbitrary();

    [Fact]
    public void Ranks_make_what_one_process_makes_but_for_rounding() => Properties.Hold(Seeds, seed =>
    {
        var random = new Rng((ulong)seed);
        int ranks = 2 + random.NextInt(3);
        Case example = Case.Random(random, seed);
        Result alone = example.Train(null);
        Result[] together = ThreadRanks.Run(ranks, example.Train), again = ThreadRanks.Run(ranks, example.Train);
        for (int rank = 0; rank < ranks; rank++)
        {
            Assert.True(alone.DifferenceTo(together[rank]) < Tolerance, $"{ranks} ranks, {alone.DifferenceTo(together[rank])}: {example}");
            Assert.True(together[0].State.SequenceEqual(together[rank].State), $"rank {rank} of {ranks} has another state: {example}");
            Assert.True(together[rank].State.SequenceEqual(again[rank].State), $"{ranks} ranks, once more: {example}");
        }
    }, count: 12);

    [Fact]
    public void A_run_goes_on_with_another_number_of_ranks() => Properties.Hold(Seeds, seed =>
    {
        var random = new Rng((ulong)seed);
        Case example = Case.Random(random, seed);
        Result alone = example.Train(null);
        byte[] half = ThreadRanks.Run(3, ranks => example.Train(ranks, null, 0, Steps / 2))[1].State;
        Assert.All(ThreadRanks.Run(2, ranks => example.Train(ranks, half, Steps / 2, Steps)), result => Assert.True(alone.DifferenceTo(result) < Tolerance, $"{alone.DifferenceTo(result)}: {example}"));
    }, count: 4);

    [Fact]
    public void Layers_too_small_to_divide_give_the_bits_of_one_process()
    {
        var example = new Case(TrainSeed: 3, [20, 30, 25, 10], "lpom", "relu", Loss.CrossEntropy, Batch: 40, Adaptive: true);
        byte[] state = example.Train(null).State;
        Assert.All(ThreadRanks.Run(3, example.Train), result => Assert.True(state.SequenceEqual(result.State)));
    }

    [Fact]
    public void A_batch_that_is_not_finite_is_found_by_all()
    {
        bool[] diverged = ThreadRanks.Run(2, ranks =>
        {
            var options = new StreamingOptions { TotalSteps = Steps, MaxBatch = 40, Threads = 1 };
            using var trainer = new StreamingTrainer(Case.Start([5, 300, 300, 3], "relu", Loss.CrossEntropy), options, new MatrixRows(PredictionTests.RandomMatrix(50, 5, 1)), ranks: ranks);
            Simd.Kernels.Memory.Matrix batch = PredictionTests.RandomMatrix(4, 5, 2);
            batch.View[3, 2] = float.NaN;
            return trainer.Step(batch.View, [0, 1, 2, 0]).Diverged;
        });
        Assert.Equal([true, true], diverged);
    }

    /// <summary>What training makes.</summary>
    private sealed record Result(Network Network, byte[] State)
    {
        /// <summary>The largest difference of a layer's weights, relative to their size.</summary>
        public double DifferenceTo(Result other) => Network.Layers.Zip(other.Network.Layers).Max(pair =>
        {
            double[,] a = TrainingCase.ToDouble(pair.First.Weights), b = TrainingCase.ToDouble(pair.Second.Weights);
            double difference = 0, size = 0;
            for (int row = 0; row < a.GetLength(0); row++)
            {
                for (int col = 0; col < a.GetLength(1); col++) (difference, size) = (difference + Math.Pow(a[row, col] - b[row, col], 2), size + Math.Pow(a[row, col], 2));
            }
            return Math.Sqrt(difference / size);
        });
    }

    /// <summary>A network, its data and how it is trained.</summary>
    private sealed record Case(int TrainSeed, int[] Widths, string Method, string Hidden, Loss Loss, int Batch, bool Adaptive)
    {
        public static Case Random(Rng random, int seed)
        {
            // Wide layers, which are divided, beside narrow ones, and more than as many units as rows.
            int[] widths = [.. Enumerable.Range(0, 3 + random.NextInt(3)).Select(_ => random.NextInt(4) == 0 ? 1 + random.NextInt(40) : 180 + random.NextInt(300))];
            string method = random.NextInt(4) switch { 0 => "sgd", 1 => "adam", _ => "lpom" };
            string hidden = Activation.All[random.NextInt(Activation.All.Count)].Name;
            return new Case(seed, widths, method, hidden, random.NextInt(2) == 0 ? Loss.CrossEntropy : Loss.LeastSquares, 64 + random.NextInt(150), random.NextInt(3) == 0);
        }

        public static Network Start(int[] widths, string hidden, Loss loss) =>
            NetworkInit.Glorot(widths, ModelFiles.Named(hidden), ModelFiles.Named("identity"), loss, seed: 9, hasBiases: true);

        public Result Train(ICommunicator? ranks) => Train(ranks, null, 0, Steps);

        public Result Train(ICommunicator? ranks, byte[]? state, int first, int end)
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
            return new Result(trainer.ToNetwork(), saved.ToArray());
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
