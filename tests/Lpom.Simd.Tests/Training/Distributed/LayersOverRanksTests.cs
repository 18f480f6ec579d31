using FsCheck;
using FsCheck.Fluent;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Support;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Distributed;
using Lpom.Simd.Training.Streaming;
using Lpom.Simd.Training.Streaming.Stages;
using static Lpom.Simd.Tests.Training.Streaming.StagesTests;

namespace Lpom.Simd.Tests.Training.Distributed;

/// <summary>Several processes each of which has some of a network's layers.</summary>
[Collection(Allocations.Collection)]
public class LayersOverRanksTests
{
    private static readonly Arbitrary<int> Seeds = Gen.Choose(1, 1_000_000).ToArbitrary();

    [Fact]
    public void Ranks_make_the_bits_of_one_process_with_as_many_blocks() => Properties.Hold(Seeds, seed =>
    {
        Case random = Case.Of(seed);
        int ranks = random.Options.Threads;
        ranks = Math.Min(ranks, random.Widths.Length - 1);
        using StreamingTrainer alone = random.Trainer(random.Options with { Threads = ranks });
        int inFlight = random.Options.BatchesInFlight == 0 ? ranks : random.Options.BatchesInFlight;
        alone.Pipeline!.Replay(LatestOrder(ranks, inFlight, 12));
        foreach ((int[] numbers, int[] labels) in random.Batches(12)) _ = alone.StepOnRows(numbers, labels);
        Network[] blocks = ThreadRanks.Run(ranks, communicator =>
        {
            using StreamingTrainer trainer = Trainer(random, random.Options, communicator);
            foreach ((int[] numbers, int[] labels) in random.Batches(12)) _ = trainer.StepOnRows(numbers, labels);
            return trainer.ToNetwork();
        });
        Assert.True(ModelFiles.Bytes(alone.ToNetwork()).SequenceEqual(ModelFiles.Bytes(Joined(blocks))), $"{ranks} ranks, {random}");
    }, count: 20);

    [Fact]
    public void Two_ranks_report_and_make_what_synchronous_blocks_do()
    {
        Case deep = Case.Deep(threads: 2);
        StreamingOptions options = deep.Options with { TotalSteps = 200 };
        using StreamingTrainer alone = deep.Trainer(options with { Parallelism = Parallelism.Synchronous });
        List<double[]> expected = Reports(alone, deep);
        (List<double[]> Reports, Network Block)[] ranks = ThreadRanks.Run(2, communicator =>
        {
            using StreamingTrainer trainer = Trainer(deep, options, communicator);
            return (Reports(trainer, deep), trainer.ToNetwork());
        });
        Assert.Equal(150, expected.Count);
        Assert.All(ranks, rank => Assert.Equal(expected, rank.Reports));
        Assert.Equal(ModelFiles.Bytes(alone.ToNetwork()), ModelFiles.Bytes(Joined([.. ranks.Select(rank => rank.Block)])));
    }

    [Fact]
    public void A_run_goes_on_from_the_states_of_its_ranks_to_the_same_bits()
    {
        Case deep = Case.Deep(threads: 3);
        (int[] Numbers, int[] Labels)[] batches = [.. deep.Batches(90)];
        StreamingOptions options = deep.Options with { TotalSteps = 100 };
        Assert.All(ThreadRanks.Run(3, communicator =>
        {
            using StreamingTrainer whole = Trainer(deep, options, communicator), first = Trainer(deep, options, communicator), second = Trainer(deep, options, communicator);
            foreach ((int[] numbers, int[] labels) in batches) _ = whole.StepOnRows(numbers, labels);
            byte[] expected = ModelFiles.Bytes(whole.ToNetwork());
            int done = 0;
            do _ = first.StepOnRows(batches[done].Numbers, batches[done].Labels);
            while (++done < batches.Length && !first.CanPause);
            using var state = new MemoryStream();
            first.SaveState(state);
            state.Position = 0;
            second.LoadState(state);
            foreach ((int[] numbers, int[] labels) in batches.AsSpan(done)) _ = second.StepOnRows(numbers, labels);
            return (done, expected.SequenceEqual(ModelFiles.Bytes(second.ToNetwork())));
        }), result => Assert.Equal((BatchPipeline.Window, true), result));
    }

    [Fact]
    public void A_rank_has_its_own_layers_alone()
    {
        int[] widths = [30, 40, 50, 40, 60, 10];
        int[][] blocks = ThreadRanks.Run(3, communicator =>
        {
            var ranks = new LayerRanks(communicator, widths, maxBatch: 20);
            Assert.Equal((communicator.Rank == 0, communicator.Rank == 2), (ranks.HasFirstLayer, ranks.HasLastLayer));
            Assert.Equal(widths, ranks.Widths.ToArray());
            Assert.Equal(widths.AsSpan(ranks.FirstLayer, ranks.Count + 1).ToArray(), ranks.BlockWidths.ToArray());
            Network block = ranks.BlockOf(Start(widths, Loss.CrossEntropy).Layers, Loss.CrossEntropy);
            Assert.Equal(ranks.Count, block.Layers.Count);
            Assert.Equal(ranks.HasLastLayer ? Loss.CrossEntropy : Loss.LeastSquares, block.Loss);
            return (int[])[ranks.FirstLayer, ranks.Count];
        });
        Assert.Equal([.. Enumerable.Range(0, 5)], blocks.SelectMany(block => Enumerable.Range(block[0], block[1])));
    }

    [Fact]
    public void Layers_made_one_after_the_other_are_those_of_the_network()
    {
        Network whole = Start([7, 9, 5, 3], Loss.CrossEntropy);
        IEnumerable<Layer> layers = NetworkInit.GlorotLayers([7, 9, 5, 3], [.. whole.Layers.Select(layer => layer.Activation)], seed: 9, hasBiases: true);
        Assert.Equal(ModelFiles.Bytes(whole), ModelFiles.Bytes(new Network(layers, Loss.CrossEntropy)));
        Assert.Equal(StreamingOptions.For(whole), StreamingOptions.For(layers, Loss.CrossEntropy));
    }

    [Fact]
    public void What_does_not_fit_is_refused() => ThreadRanks.Run(3, communicator =>
    {
        Assert.Throws<ArgumentException>("widths", () => new LayerRanks(communicator, [4, 5, 2], maxBatch: 5));
        Assert.Throws<ArgumentOutOfRangeException>("widths", () => new LayerRanks(communicator, [4, 5, 0, 2], maxBatch: 5));
        Assert.Throws<ArgumentOutOfRangeException>("maxBatch", () => new LayerRanks(communicator, [4, 5, 5, 2], maxBatch: 0));
        var ranks = new LayerRanks(communicator, [4, 5, 6, 2], maxBatch: 5);
        Network whole = Start([4, 5, 6, 2], Loss.CrossEntropy);
        var options = new StreamingOptions { TotalSteps = 9, MaxBatch = 5 };
        Assert.Throws<ArgumentException>("start", () => new StreamingTrainer(whole, options, new MatrixRows(PredictionTests.RandomMatrix(9, 4, 1)), ranks));
        Assert.Throws<ArgumentException>("rows", () => new StreamingTrainer(ranks.BlockOf(whole.Layers, Loss.CrossEntropy), options, new MatrixRows(PredictionTests.RandomMatrix(9, 5, 1)), ranks));
        Assert.Throws<ArgumentException>("layers", () => ranks.BlockOf(Start([4, 7, 7, 3], Loss.CrossEntropy).Layers, Loss.CrossEntropy));
        return true;
    });

    [Fact]
    public void A_batch_that_is_not_finite_is_reported_on_all_ranks_and_the_next_ones_train()
    {
        Case deep = Case.Deep(threads: 3);
        Assert.All(ThreadRanks.Run(3, communicator =>
        {
            using StreamingTrainer trainer = Trainer(deep, deep.Options, communicator);
            Matrix inputs = PredictionTests.RandomMatrix(3, 20, 1);
            inputs.View[2, 1] = float.NaN;
            var found = new List<Divergence> { trainer.Step(inputs.View, [0, 1, 2]).Divergence };
            foreach ((int[] numbers, int[] labels) in deep.Batches(8)) found.Add(trainer.StepOnRows(numbers, labels).Divergence);
            for (StepReport report = trainer.FinishStep(); report.Rows > 0; report = trainer.FinishStep()) found.Add(report.Divergence);
            _ = trainer.ToNetwork();
            return found.Where(divergence => divergence.Kind != DivergenceKind.None).Select(divergence => (divergence.Kind, divergence.Layer));
        }), found => Assert.Equal((DivergenceKind.NotFinite, 7), Assert.Single(found)));
    }

    [Fact]
    public void A_step_of_a_rank_allocates_nothing() => ThreadRanks.Run(1, communicator =>
    {
        Case deep = Case.Deep(threads: 1);
        using StreamingTrainer trainer = Trainer(deep, deep.Options with { Schedule = StepSchedule.Constant }, communicator);
        (int[] numbers, int[] labels) = deep.Batches(1).Single();
        for (int step = 0; step < 2 * BatchPipeline.Window; step++) _ = trainer.StepOnRows(numbers, labels);
        Assert.True(trainer.CanPause);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < BatchPipeline.Window - 1; step++) _ = trainer.StepOnRows(numbers, labels);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        return true;
    });

    private static StreamingTrainer Trainer(Case example, StreamingOptions options, ICommunicator communicator)
    {
        var ranks = new LayerRanks(communicator, example.Widths, options.MaxBatch);
        Network block = ranks.BlockOf(Start(example.Widths, example.Loss).Layers, example.Loss);
        return new StreamingTrainer(block, options with { Threads = 1 }, new MatrixRows(PredictionTests.RandomMatrix(Rows, example.Widths[0], (ulong)example.Seed)), ranks);
    }

    private static Network Joined(Network[] blocks) => new(blocks.SelectMany(block => block.Layers), blocks[^1].Loss, blocks[0].Metadata, blocks[0].InputBounds);

    private static List<double[]> Reports(StreamingTrainer trainer, Case example)
    {
        List<double[]> reports = [];
        foreach ((int[] numbers, int[] labels) in example.Batches(150)) Add(trainer.StepOnRows(numbers, labels));
        while (Add(trainer.FinishStep()))
        {
        }
        return reports;

        bool Add(StepReport report)
        {
            if (report.Rows > 0) reports.Add([report.Rows, report.Loss, report.Objective, .. report.Residuals]);
            return report.Rows > 0;
        }
    }
}
