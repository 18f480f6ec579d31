using Lpom.Bench.Scaling;

namespace Lpom.Bench.Tests;

public sealed class ScalingModelTests
{
    private const int Batch = 100;

    private static readonly Machine Core = new(
        GemmRate: 160e9, HalfStrip: 2, CacheRate: 60e9, MemoryRate: 20e9, CacheBytes: 32e6, LayerSeconds: 15e-6, CallSeconds: 5e-6, Latency: 1e-6, Bandwidth: 12.5e9);

    public static TheoryData<string> Networks => ["784-300-10", "784-1024-1024-10", "784-256-256-256-256-10", "784-10", "2048-4096-4096-4096-1000"];

    [Fact]
    public void Widths_are_read()
    {
        Assert.Equal([new(784, 300), new(300, 10)], LayerSize.Parse("784-300-10")!);
        Assert.Equal(LayerSize.Parse("784-64-64-10")!, LayerSize.Deep(depth: 2, width: 64));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("784")]
    [InlineData("784-0-10")]
    [InlineData("784--10")]
    [InlineData("784-[256 x 8]-10")]
    public void What_are_no_widths_is_refused(string? layers) => Assert.Null(LayerSize.Parse(layers));

    [Theory]
    [MemberData(nameof(Networks))]
    public void One_rank_is_the_one_process(string layers)
    {
        LayerSize[] network = LayerSize.Parse(layers)!;
        StepCost alone = Schemes.Alone(network, Batch);
        AssertSame(alone, Schemes.Units(network, Batch, ranks: 1));
        AssertSame(alone, Schemes.Layers(network, Batch, ranks: 1, Core));
        Assert.Equal(0, alone.Messages + alone.NetworkBytes + Schemes.Data(network, Batch, ranks: 1).NetworkBytes + Schemes.Data(network, Batch, ranks: 1).Messages);
    }

    [Fact]
    public void The_operations_of_a_small_network_are_those_by_hand()
    {
        // 8-4-2, B = 10: whitening; forward, gradient; pull; a whole inverse of 4 × 4 on 2 rows; Gram and inverse.
        double expected = (4 * 10 * 8 * 8) + (2 * 2 * 10 * ((8 * 4) + (4 * 2))) + (2 * 10 * 4 * 2) + (2 * 2 * 4 * 4) + (10 * 4 * 4 / 4.0) + (4 * 4 * 4 / 50.0);
        StepCost cost = Schemes.Alone(LayerSize.Parse("8-4-2")!, batch: 10);
        Assert.Equal(expected, cost.Flops, 6);
        // The trust bound: the first layer's gradient is read, and the second's with its product with the metric.
        Assert.Equal((20 * ((8 * 4) + (4 * 2))) + (4 * 8 * 4) + (8 * 4 * 2), cost.WeightBytes);
        Assert.Equal((3 * 4 * 10 * 8) + (8 * 4 * 10 * (4 + 2)), cost.ActivationBytes);
        // Weights are read forward and, but for the first layer's, for the pull.
        Assert.Equal((4 * ((8 * 4) + (2 * 4 * 2))) + (4 * 4 * ((4 / 4.0) + (16 / 50.0))), cost.ProductBytes, 9);
        Assert.Equal(2, cost.Layers);
    }

    [Fact]
    public void The_low_rank_inverse_and_the_trust_bound_are_those_by_hand()
    {
        // 784-1024-1024-10: what 784-1024 and its output layer leave of the operations is the second layer's.
        double n = 1024, weights = (784 * n) + (n * n) + (n * 10);
        double products = (4 * Batch * weights) + (2 * Batch * ((n * n) + (n * 10)));
        double metric = (4 * Batch * n * 128) + (2e4 * n) + (1e4 * n) + (4 * 10 * n * 128);
        double grams = 2 * ((Batch * n * n / 8) + (((2 * n * n * 128) + (7 * n * 128 * 128)) / 100));
        Assert.Equal((4 * Batch * 784 * 32) + products + metric + grams, Schemes.Alone(LayerSize.Parse("784-1024-1024-10")!, Batch).Flops, 1);
    }

    [Fact]
    public void The_bytes_of_two_ranks_are_those_by_hand()
    {
        LayerSize[] network = LayerSize.Parse("784-1024-1024-10")!;
        StepCost units = Schemes.Units(network, Batch, ranks: 2), alone = Schemes.Alone(network, Batch);
        // Half of B·1024 floats each: two layers' activations, the second's pulls and its H(A + λI)⁻¹; and of B² that product's with Hᵀ. The
        // output layer is whole.
        double perStep = 4 * ((Batch * 1024 * 4) + (Batch * Batch)) / 2, perRefresh = 2 * (1024 * 256 * 4);
        Assert.Equal(perStep + (perRefresh / 100), units.NetworkBytes, 3);
        // Two sums besides, and now and then two inverses in five parts each.
        Assert.Equal(5 + 2 + (11 / 100.0), units.Messages, 9);
        Assert.Equal((12.0 * ((784 * 1024) + (1024 * 1024)) / 2) + (12 * 10240), units.HeldBytes);
        // Half of the two layers' elementwise work, but B² is read whole; activations and B² are copied, pulls added up.
        double halved = (32 * Batch * 2048) + (8 * Batch * 1024);
        Assert.Equal(alone.ActivationBytes - (halved / 2) + (8 * ((Batch * 2048) + (Batch * Batch))) + (12 * Batch * 1024), units.ActivationBytes, 3);

        StepCost data = Schemes.Data(network, Batch, ranks: 2);
        Assert.Equal(2 * 4 * ((784 * 1024) + (1024 * 1024) + 10240) / 2.0, data.NetworkBytes);
        Assert.Equal(6, data.Messages);
    }

    [Fact]
    public void The_operations_of_two_ranks_are_those_by_hand()
    {
        // 784-1024-1024-10: the output layer's products, inputs and one Gram matrix are whole; of its pull a rank needs its half of the columns.
        double n = 1024, divided = (784 * n) + (n * n);
        double products = (4 * Batch * divided / 2) + (4 * Batch * n * 10) + (2 * Batch * n * n / 2) + (2 * Batch * n * 10 / 2);
        double metric = (((4 * Batch * n * 128) + (2e4 * n) + (1e4 * n)) / 2) + (4 * 10 * n * 128);
        double gram = (Batch * n * n / 8) + (((2 * n * n * 128) + (7 * n * 128 * 128)) / 100);
        Assert.Equal((4 * Batch * 784 * 32) + products + metric + gram, Schemes.Units(LayerSize.Parse("784-1024-1024-10")!, Batch, ranks: 2).Flops, 1);
    }

    [Fact]
    public void Rows_that_all_ranks_need_go_together_where_they_are_few()
    {
        // 512-512-512-512-512 on 8 ranks: of three layers B·512 and B² floats, all below 2^15·8. Of four activations, of three pulls.
        StepCost few = Schemes.Units(LayerSize.Parse("512-512-512-512-512")!, Batch, ranks: 8);
        Assert.Equal(3 * (4 + 3 + 1 + 2 + ((1 + (3 * 5)) / 50.0)), few.Messages, 9);
        // Of 4096 units B·4096 floats are more, and three messages of their own.
        StepCost many = Schemes.Units(LayerSize.Parse("512-4096-4096-4096-4096")!, Batch, ranks: 8);
        Assert.Equal(3 * (4 + 3 + 3 + 1 + 2 + ((1 + (3 * 5)) / 100.0)), many.Messages, 9);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void More_ranks_do_no_more_work_each(string layers)
    {
        LayerSize[] network = LayerSize.Parse(layers)!;
        for (int ranks = 2; ranks <= 512; ranks *= 2)
        {
            foreach (Func<int, StepCost> scheme in (Func<int, StepCost>[])[r => Schemes.Units(network, Batch, r), r => Schemes.Data(network, Batch, r)])
            {
                // A layer of fewer units than ranks is whole again.
                if (network.Any(layer => Schemes.IsDivided(layer, Batch, ranks / 2) && !Schemes.IsDivided(layer, Batch, ranks)) && ranks > 2) continue;
                StepCost more = scheme(ranks), fewer = scheme(ranks / 2);
                Assert.True(more.Flops <= fewer.Flops * (1 + 1e-9), $"{layers} on {ranks}: {more.Flops} over {fewer.Flops}");
                Assert.True(more.HeldBytes <= fewer.HeldBytes);
                Assert.True(more.WeightBytes <= fewer.WeightBytes);
                Assert.True(more.Messages >= fewer.Messages);
                Assert.True(more.NetworkBytes >= fewer.NetworkBytes * (1 - 1e-9));
            }
        }
    }

    [Fact]
    public void Small_layers_are_whole_on_every_rank()
    {
        LayerSize[] network = LayerSize.Parse("64-32-10")!;
        StepCost two = Schemes.Units(network, Batch, ranks: 2);
        Assert.Equal(Schemes.Alone(network, Batch).Flops, two.Flops);
        Assert.Equal(32 * 32 * 4 / 50.0, two.NetworkBytes, 9);
    }

    [Fact]
    public void Ranks_of_layers_are_those_by_hand()
    {
        // 784-1024-1024-10 on 3: a rank in the middle has the second layer, and receives B·1024 floats from either side.
        double n = 1024, filling = (64 + 2) / 64.0;
        double flops = (6 * Batch * n * n) + (4 * Batch * n * 128) + (2e4 * n) + (1e4 * n) + (Batch * n * n / 8) + (((2 * n * n * 128) + (7 * n * 128 * 128)) / 100);
        StepCost middle = Schemes.Layers(LayerSize.Parse("784-1024-1024-10")!, Batch, ranks: 3, Core);
        Assert.Equal(filling * flops, middle.Flops, 1);
        Assert.Equal((filling * 2, filling * 2 * 4 * Batch * 1024, filling), (middle.Messages, middle.NetworkBytes, middle.Layers));
        Assert.Equal(12 * n * n, middle.HeldBytes);
        // On 2 the second and third are together, and receive activations alone.
        StepCost top = Schemes.Layers(LayerSize.Parse("784-1024-1024-10")!, Batch, ranks: 2, Core);
        Assert.Equal((65 / 64.0, 65 / 64.0 * 4 * Batch * 1024, 2 * 65 / 64.0), (top.Messages, top.NetworkBytes, top.Layers));
    }

    [Fact]
    public void Only_as_many_ranks_as_layers_take_part()
    {
        LayerSize[] network = LayerSize.Deep(depth: 8, width: 2048);
        Assert.Equal(Schemes.Layers(network, Batch, 9, Core), Schemes.Layers(network, Batch, 512, Core));
        Assert.True(Schemes.Layers(network, Batch, 8, Core).Seconds(Core) < Schemes.Layers(network, Batch, 4, Core).Seconds(Core));
        NodeCase case512 = NodeCase.Of(2048, 512, Batch, 8, Core);
        Assert.True(case512.BestLayers <= case512.Layers);
    }

    [Fact]
    public void Time_is_the_sum_of_its_parts()
    {
        StepCost cost = new() { Flops = 160e9, FlopsPerStrip = 80e9, ActivationBytes = 60e9, WeightBytes = 60e9, ProductBytes = 20e9, HeldBytes = 32e6, Layers = 1e5, Messages = 1e6, NetworkBytes = 25e9 };
        Assert.Equal(1 + 1 + 1 + 1 + 1.5 + 1 + 2, cost.Seconds(Core), 9);
        // Weights that do not fit come from memory, for the step and for products.
        Assert.Equal(1 + 1 + 1 + 3 + 1 + 1.5 + 1 + 2, (cost with { HeldBytes = 33e6 }).Seconds(Core), 9);
        Assert.Equal(3, cost.NetworkSeconds(Core), 9);
    }

    [Fact]
    public void Units_gain_on_rows_as_layers_widen()
    {
        Machine node = Core.ToNode(64, 0.8, new ScalingOptions());
        NodeCase narrow = NodeCase.Of(1024, 64, 4096, 8, node), wide = NodeCase.Of(32768, 64, 4096, 8, node);
        Assert.True(wide.UnitsOverStrong > narrow.UnitsOverStrong);
        Assert.True(narrow.BestData <= Math.Min(narrow.AloneData, narrow.DataStrong) && narrow.BestUnits <= Math.Min(narrow.Alone, narrow.Units));
        Assert.True(wide.UnitsBytes < wide.DataBytes / 60);
    }

    private static void AssertSame(StepCost expected, StepCost actual)
    {
        foreach (Func<StepCost, double> part in (Func<StepCost, double>[])[
            c => c.Flops, c => c.FlopsPerStrip, c => c.ActivationBytes, c => c.WeightBytes, c => c.ProductBytes, c => c.HeldBytes, c => c.Layers, c => c.Messages, c => c.NetworkBytes])
        {
            Assert.Equal(part(expected), part(actual), 1e-9 * part(expected));
        }
    }
}
