using FsCheck;
using FsCheck.Fluent;
using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Support;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Streaming;
using Lpom.Simd.Training.Streaming.Stages;

namespace Lpom.Simd.Tests.Training.Streaming;

[Collection(Allocations.Collection)]
public class StagesTests
{
    internal const int Rows = 200;

    private static readonly Arbitrary<int> Seeds = Gen.Choose(1, 1_000_000).ToArbitrary();

    private static readonly Dataset Digits = NamedData.Load("digits");

    [Fact]
    public void One_batch_at_a_time_gives_the_bits_of_one_thread() => Properties.Hold(Seeds, seed =>
    {
        Case random = Case.Of(seed);
        StreamingOptions options = random.Options with { BatchesInFlight = 1 };
        Assert.True(Train(random, options with { Parallelism = Parallelism.Products, Threads = 1 }).SequenceEqual(Train(random, options)), random.ToString());
    }, count: 25);

    [Fact]
    public void So_do_batches_that_are_finished_before_the_next_where_the_trust_bound_does_not_hold() => Properties.Hold(Seeds, seed =>
    {
        Case random = Case.Of(seed);
        // A stage whose gradients may lag behind has a smaller bound, also when they do not.
        StreamingOptions options = random.Options with { TrustRadius = 1e9f, LearningRate = 0.05f };
        byte[] one = Train(random, options with { Parallelism = Parallelism.Products, Threads = 1 });
        Assert.True(one.SequenceEqual(Train(random, options, trainer => _ = trainer.ToNetwork())), random.ToString());
        Assert.True(one.SequenceEqual(Train(random, options, trainer => Assert.NotEqual(0, trainer.FinishStep().Rows))), random.ToString());
    }, count: 15);

    [Fact]
    public void No_stage_lags_behind_further_than_its_bound() => Properties.Hold(Seeds, seed =>
    {
        Case random = Case.Of(seed);
        using StreamingTrainer trainer = random.Trainer(random.Options);
        foreach ((int[] numbers, int[] labels) in random.Batches(40)) _ = trainer.StepOnRows(numbers, labels);
        _ = trainer.ToNetwork();
        int[] delays = trainer.Pipeline!.LargestDelays;
        int inFlight = random.Options.BatchesInFlight == 0 ? delays.Length : random.Options.BatchesInFlight;
        Assert.All(delays, (delay, stage) => Assert.True(delay <= Math.Max(0, inFlight - 1 - stage), $"{random}: {delay} in stage {stage}"));
    }, count: 25);

    [Fact]
    public void Synchronous_blocks_give_the_bits_of_their_order_on_any_number_of_threads() => Properties.Hold(Seeds, seed =>
    {
        Case random = Case.Of(seed);
        StreamingOptions options = random.Options with { Parallelism = Parallelism.Synchronous };
        byte[] one = Train(random, options with { Threads = 1 });
        Assert.True(one.SequenceEqual(Train(random, options)), random.ToString());
        Assert.True(one.SequenceEqual(Train(random, options with { Threads = 9 })), random.ToString());
        using StreamingTrainer latest = random.Trainer(random.Options with { Threads = StreamingTrainer.SynchronousBlocks });
        int stages = latest.Pipeline!.Stages, inFlight = random.Options.BatchesInFlight == 0 ? stages : random.Options.BatchesInFlight;
        latest.Pipeline!.Replay(LatestOrder(stages, inFlight, 12));
        foreach ((int[] numbers, int[] labels) in random.Batches(12)) _ = latest.StepOnRows(numbers, labels);
        Assert.True(one.SequenceEqual(ModelFiles.Bytes(latest.ToNetwork())), random.ToString());
    }, count: 20);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_synchronous_run_goes_on_from_where_it_can_pause_to_the_same_bits(int threads)
    {
        Case deep = Case.Deep(threads);
        StreamingOptions options = deep.Options with { Parallelism = Parallelism.Synchronous, TotalSteps = 100 };
        (int[] Numbers, int[] Labels)[] batches = [.. deep.Batches(90)];
        using StreamingTrainer whole = deep.Trainer(options), first = deep.Trainer(options), second = deep.Trainer(options with { Threads = 2 });
        foreach ((int[] numbers, int[] labels) in batches) _ = whole.StepOnRows(numbers, labels);
        int paused = 0;
        do
        {
            _ = first.StepOnRows(batches[paused].Numbers, batches[paused].Labels);
            paused++;
        }
        while (!first.CanPause);
        Assert.Equal(Pipeline.Window, paused);
        using var state = new MemoryStream();
        first.SaveState(state);
        state.Position = 0;
        second.LoadState(state);
        foreach ((int[] numbers, int[] labels) in batches.AsSpan(paused)) _ = second.StepOnRows(numbers, labels);
        Assert.Equal(ModelFiles.Bytes(whole.ToNetwork()), ModelFiles.Bytes(second.ToNetwork()));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_recorded_order_gives_its_bits_again(int threads)
    {
        Case deep = Case.Deep(threads);
        using StreamingTrainer free = deep.Trainer(deep.Options);
        StageOrder order = free.Pipeline!.Record();
        byte[] recorded = TrainAndDrain(free, deep);
        for (int time = 0; time < 2; time++)
        {
            using StreamingTrainer again = deep.Trainer(deep.Options);
            again.Pipeline!.Replay(order);
            Assert.Equal(recorded, TrainAndDrain(again, deep));
        }
    }

    [Fact]
    public void Another_order_gives_other_bits_and_one_of_other_batches_is_refused()
    {
        Case deep = Case.Deep(threads: 2);
        using StreamingTrainer late = deep.Trainer(deep.Options), early = deep.Trainer(deep.Options);
        late.Pipeline!.Replay(LatestOrder(2, 2, 30));
        early.Pipeline!.Replay(LatestOrder(2, 1, 30));
        Assert.NotEqual(ModelFiles.Bytes(Run(late, deep)), ModelFiles.Bytes(Run(early, deep)));
        using StreamingTrainer other = deep.Trainer(deep.Options);
        other.Pipeline!.Replay(LatestOrder(2, 2, 30));
        Assert.Throws<InvalidOperationException>(() =>
        {
            foreach ((int[] numbers, int[] labels) in deep.Batches(3))
            {
                _ = other.StepOnRows(numbers, labels);
                _ = other.ToNetwork();
            }
        });
    }

    [Theory]
    [InlineData(2, Parallelism.Asynchronous)]
    [InlineData(4, Parallelism.Asynchronous)]
    [InlineData(3, Parallelism.Synchronous)]
    public void Every_batch_is_reported_once_in_order(int threads, Parallelism parallelism)
    {
        Case deep = Case.Deep(threads);
        using StreamingTrainer trainer = deep.Trainer(deep.Options with { Parallelism = parallelism });
        List<int> expected = [], reported = [];
        foreach ((int[] numbers, int[] labels) in deep.Batches(30))
        {
            expected.Add(numbers.Length);
            Add(trainer.StepOnRows(numbers, labels));
            if (expected.Count == 15) _ = trainer.ToNetwork();
        }
        while (Add(trainer.FinishStep()))
        {
        }
        Assert.Equal(expected, reported);
        Assert.Equal(0, trainer.FinishStep().Rows);

        bool Add(StepReport report)
        {
            Assert.False(report.Diverged);
            if (report.Rows == 0) return false;
            Assert.True(report.Loss > 0 && report.Residuals.Length == 7);
            reported.Add(report.Rows);
            return true;
        }
    }

    [Fact]
    public void A_state_holds_all_batches_and_suits_any_number_of_threads()
    {
        Case deep = Case.Deep(threads: 3);
        using StreamingTrainer first = deep.Trainer(deep.Options), same = deep.Trainer(deep.Options);
        using StreamingTrainer one = deep.Trainer(deep.Options with { Threads = 1, Parallelism = Parallelism.Products });
        foreach ((int[] numbers, int[] labels) in deep.Batches(12)) _ = first.StepOnRows(numbers, labels);
        using var state = new MemoryStream();
        first.SaveState(state);
        foreach (StreamingTrainer other in (StreamingTrainer[])[same, one])
        {
            state.Position = 0;
            other.LoadState(state);
            Assert.Equal(ModelFiles.Bytes(first.ToNetwork()), ModelFiles.Bytes(other.ToNetwork()));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void The_latest_weights_cost_digits_no_accuracy(int threads)
    {
        double one = Accuracy(1, threads: 1), late = Accuracy(1, threads);
        Assert.True(late >= one - 0.003, $"{late:P2} and {one:P2}");
    }

    [Theory]
    [InlineData(2, false, Parallelism.Asynchronous)]
    [InlineData(3, true, Parallelism.Asynchronous)]
    [InlineData(2, true, Parallelism.Synchronous)]
    [InlineData(1, false, Parallelism.Synchronous)]
    public void A_step_allocates_nothing(int threads, bool adaptive, Parallelism parallelism)
    {
        Case deep = Case.Deep(threads);
        using StreamingTrainer trainer = deep.Trainer(deep.Options with { AdaptiveMu = adaptive, Parallelism = parallelism, Schedule = StepSchedule.Constant });
        (int[] numbers, int[] labels) = deep.Batches(1).Single();
        Allocations.AssertNone(() => trainer.StepOnRows(numbers, labels));
    }

    [Fact]
    public void A_batch_that_is_not_finite_is_reported_and_the_next_ones_train()
    {
        Case deep = Case.Deep(threads: 3);
        using StreamingTrainer trainer = deep.Trainer(deep.Options);
        Matrix inputs = PredictionTests.RandomMatrix(3, 20, 1);
        inputs.View[2, 1] = float.NaN;
        var found = new List<Divergence> { trainer.Step(inputs.View, [0, 1, 2]).Divergence };
        foreach ((int[] numbers, int[] labels) in deep.Batches(8)) found.Add(trainer.StepOnRows(numbers, labels).Divergence);
        for (StepReport report = trainer.FinishStep(); report.Rows > 0; report = trainer.FinishStep()) found.Add(report.Divergence);
        Divergence only = Assert.Single(found, divergence => divergence.Kind != DivergenceKind.None);
        Assert.Equal((DivergenceKind.NotFinite, 7), (only.Kind, only.Layer));
        Assert.Equal(7, trainer.ToNetwork().Layers.Count);
    }

    [Fact]
    public void Weights_that_overflow_are_reported()
    {
        Case deep = Case.Deep(threads: 2);
        using StreamingTrainer trainer = deep.Trainer(deep.Options with { LearningRate = 1e38f, TrustRadius = 1e38f, BatchesInFlight = 1 });
        bool diverged = false;
        foreach ((int[] numbers, int[] labels) in deep.Batches(20)) diverged |= trainer.StepOnRows(numbers, labels).Diverged;
        Assert.True(diverged);
    }

    [Fact]
    public async Task It_can_be_left_with_batches_in_flight() => await Task.Run(() =>
    {
        for (int time = 0; time < 20; time++)
        {
            Case deep = Case.Deep(threads: 4);
            using StreamingTrainer trainer = deep.Trainer(deep.Options);
            foreach ((int[] numbers, int[] labels) in deep.Batches(time % 6)) _ = trainer.StepOnRows(numbers, labels);
        }
    }).WaitAsync(TimeSpan.FromSeconds(60));

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    public void One_thread_or_one_layer_is_no_pipeline(int threads, int layers)
    {
        int[] widths = [4, .. Enumerable.Repeat(3, layers)];
        var options = new StreamingOptions { TotalSteps = 1, Threads = threads, Parallelism = Parallelism.Asynchronous };
        using var trainer = new StreamingTrainer(Start(widths, Loss.CrossEntropy), options, new MatrixRows(PredictionTests.RandomMatrix(9, 4, 1)));
        Assert.Null(trainer.Pipeline);
        Assert.Equal(2, trainer.StepOnRows([0, 1], [0, 1]).Rows);
        Assert.Equal(0, trainer.FinishStep().Rows);
    }

    private static byte[] Train(Case random, StreamingOptions options, Action<StreamingTrainer>? afterStep = null)
    {
        using StreamingTrainer trainer = random.Trainer(options);
        foreach ((int[] numbers, int[] labels) in random.Batches(12))
        {
            _ = trainer.StepOnRows(numbers, labels);
            if (trainer.Pipeline is not null) afterStep?.Invoke(trainer);
        }
        return ModelFiles.Bytes(trainer.ToNetwork());
    }

    // Drained in the middle, too.
    private static byte[] TrainAndDrain(StreamingTrainer trainer, Case deep)
    {
        int step = 0;
        foreach ((int[] numbers, int[] labels) in deep.Batches(30))
        {
            _ = trainer.StepOnRows(numbers, labels);
            if (++step == 11) _ = trainer.ToNetwork();
        }
        return ModelFiles.Bytes(trainer.ToNetwork());
    }

    private static Network Run(StreamingTrainer trainer, Case deep)
    {
        foreach ((int[] numbers, int[] labels) in deep.Batches(30)) _ = trainer.StepOnRows(numbers, labels);
        return trainer.ToNetwork();
    }

    private static double Accuracy(ulong seed, int threads)
    {
        const int epochs = 12, batch = 50;
        var batches = new Batches(Digits.Train, batch, seed);
        Network start = Start([Digits.Features, 60, 60, 60, 60, 60, Digits.Classes], Loss.CrossEntropy);
        StreamingOptions options = StreamingOptions.For(start) with { MaxBatch = batch, Threads = threads, TotalSteps = epochs * batches.Count, Parallelism = Parallelism.Asynchronous };
        using var trainer = new StreamingTrainer(start, options, Digits.Train);
        // The same in every run, and as late as it can be.
        trainer.Pipeline?.Replay(LatestOrder(threads, threads, epochs * batches.Count));
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            foreach (Batch one in batches.Epoch(epoch)) Assert.False(trainer.Step(one.Inputs, one.Labels).Diverged);
        }
        return Accuracy(trainer.ToNetwork());
    }

    private static double Accuracy(Network network)
    {
        using var workspace = Workspace.For(network, maxBatch: 1);
        float[] pixels = new float[Digits.Features];
        int correct = 0;
        foreach (DataView view in (DataView[])[Digits.Test, Digits.Train])
        {
            for (int row = 0; row < view.Rows; row++)
            {
                view.CopyInputs(row, 1, pixels, pixels.Length);
                if (network.PredictLabel(pixels, workspace) == view.Label(row)) correct++;
            }
        }
        return (double)correct / (Digits.Test.Rows + Digits.Train.Rows);
    }

    // Every stage has as many batches as it may have before it takes the deviations of one.
    internal static StageOrder LatestOrder(int stages, int inFlight, int batches)
    {
        var order = new StageOrder(stages);
        for (int stage = 0; stage < stages; stage++)
        {
            int held = Math.Min(batches, Math.Max(1, inFlight - stage));
            order[stage].AddRange(Enumerable.Repeat(StageOperation.Forward, held));
            for (int batch = held; batch < batches; batch++) order[stage].AddRange([StageOperation.Backward, StageOperation.Forward]);
            order[stage].AddRange(Enumerable.Repeat(StageOperation.Backward, held));
        }
        return order;
    }

    internal static Network Start(int[] widths, Loss loss) =>
        NetworkInit.Glorot(widths, ModelFiles.Named("relu"), ModelFiles.Named("identity"), loss, seed: 9, hasBiases: true);

    internal sealed record Case(int Seed, int[] Widths, Loss Loss, StreamingOptions Options)
    {
        public static Case Of(int seed)
        {
            var random = new Rng((ulong)seed);
            int widest = random.NextInt(6) == 0 ? 450 : 60;
            int[] widths = [.. Enumerable.Range(0, 4 + random.NextInt(7)).Select(_ => 1 + random.NextInt(widest))];
            var options = new StreamingOptions
            {
                TotalSteps = 40,
                MaxBatch = 1 + random.NextInt(60),
                Threads = 2 + random.NextInt(4),
                BatchesInFlight = random.NextInt(4),
                AdaptiveMu = random.NextInt(3) == 0,
                AveragedPart = random.NextInt(2) == 0 ? 0.9f : 0,
                InputDropout = 0.1f,
                Parallelism = Parallelism.Asynchronous,
            };
            return new Case(seed, widths, random.NextInt(2) == 0 ? Loss.CrossEntropy : Loss.LeastSquares, options);
        }

        public static Case Deep(int threads) => new(
            3, [20, 30, 30, 30, 30, 30, 30, 5], Loss.CrossEntropy, new StreamingOptions { TotalSteps = 40, MaxBatch = 20, Threads = threads, AveragedPart = 0.5f, LearningRate = 1, Parallelism = Parallelism.Asynchronous });

        public StreamingTrainer Trainer(StreamingOptions options) => new(Start(Widths, Loss), options, new MatrixRows(PredictionTests.RandomMatrix(Rows, Widths[0], (ulong)Seed)));

        public IEnumerable<(int[] Numbers, int[] Labels)> Batches(int count)
        {
            var random = new Rng((ulong)Seed);
            for (int i = 0; i < count; i++)
            {
                int[] numbers = [.. Enumerable.Range(0, 1 + random.NextInt(Options.MaxBatch)).Select(_ => random.NextInt(Rows))];
                yield return (numbers, [.. numbers.Select(n => n % Widths[^1])]);
            }
        }

        public override string ToString() => $"seed {Seed}: {string.Join('-', Widths)} {Loss} {Options}";
    }
}
