namespace Lpom.Bench.Scaling;

/// <summary>A line of the tables: one network, batch and number of nodes, by every scheme.</summary>
/// <param name="Width">Units of a hidden layer.</param>
/// <param name="Nodes">R.</param>
/// <param name="Alone">Seconds of a step of LPOM on one node.</param>
/// <param name="AloneData">Seconds of a step of back-propagation on one node.</param>
/// <param name="Units">Seconds of a step of LPOM with units divided.</param>
/// <param name="DataStrong">Seconds of a step of back-propagation with the same batch divided.</param>
/// <param name="DataWeak">Seconds of a step of back-propagation with that batch on every node.</param>
/// <param name="Layers">Seconds of a step of LPOM with layers divided.</param>
/// <param name="BestUnits">The least of <paramref name="Units"/> over one to so many nodes, by powers of two: the others stand by.</param>
/// <param name="BestData">The same of <paramref name="DataStrong"/>.</param>
/// <param name="BestLayers">The same of <paramref name="Layers"/>.</param>
/// <param name="UnitsBytes">What a node steps of weights, velocities and gradients where units are divided.</param>
/// <param name="DataBytes">The same where rows are.</param>
internal sealed record NodeCase(
    int Width, int Nodes, double Alone, double AloneData, double Units, double DataStrong, double DataWeak, double Layers,
    double BestUnits, double BestData, double BestLayers, double UnitsBytes, double DataBytes)
{
    /// <summary>The widths and numbers of nodes of the tables.</summary>
    public static readonly int[] Widths = [1024, 2048, 4096, 8192, 16384, 32768], NodeCounts = [8, 64, 512];

    /// <summary>The time of the same batch's rows divided over that of units divided, each on its best number of nodes: a comparison with nodes that only slow the other down would mean nothing.</summary>
    public double UnitsOverStrong => BestData / BestUnits;

    /// <summary>The same for layers divided.</summary>
    public double LayersOverStrong => BestData / BestLayers;

    /// <summary>Rows a second of back-propagation with a batch a node over those of LPOM with units divided.</summary>
    public double WeakOverUnits => Nodes * BestUnits / DataWeak;

    /// <summary>Models one.</summary>
    public static NodeCase Of(int width, int nodes, int batch, int depth, Machine node)
    {
        LayerSize[] network = LayerSize.Deep(depth, width);
        StepCost units = Schemes.Units(network, batch, nodes), data = Schemes.Data(network, batch, nodes);
        double Layers(int ranks) => Schemes.Layers(network, batch, ranks, node).Seconds(node);
        return new NodeCase(
            width, nodes, Schemes.Alone(network, batch).Seconds(node), Schemes.Data(network, batch, 1).Seconds(node), units.Seconds(node), data.Seconds(node),
            Schemes.Data(network, batch * nodes, nodes).Seconds(node), Layers(nodes),
            Best(nodes, ranks => Schemes.Units(network, batch, ranks).Seconds(node)), Best(nodes, ranks => Schemes.Data(network, batch, ranks).Seconds(node)), Best(nodes, Layers),
            units.HeldBytes, data.HeldBytes);
    }

    /// <summary>All of a table.</summary>
    public static NodeCase[] All(int batch, int depth, Machine node) => [.. Widths.SelectMany(width => NodeCounts.Select(nodes => Of(width, nodes, batch, depth, node)))];

    private static double Best(int nodes, Func<int, double> seconds)
    {
        double best = seconds(nodes);
        for (int ranks = 1; ranks < nodes; ranks *= 2) best = Math.Min(best, seconds(ranks));
        return best;
    }
}
