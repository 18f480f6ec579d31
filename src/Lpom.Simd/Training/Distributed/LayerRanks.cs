using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training.Streaming;
using Lpom.Simd.Training.Streaming.Stages;

namespace Lpom.Simd.Training.Distributed;

/// <summary>
/// Ranks that divide the layers of a network, after [L20], so that no process needs memory for all of them: each has a block of
/// consecutive layers, neighbours exchange activations and pulls, and batches overlap as with <see cref="Parallelism.Synchronous"/>. The
/// blocks have about the same work.
/// </summary>
public sealed class LayerRanks
{
    private readonly int[] _widths;
    private readonly int[] _starts;

    /// <summary>Divides a network's layers.</summary>
    /// <param name="ranks">The processes.</param>
    /// <param name="widths">Inputs, hidden widths and outputs of the whole network; the same on all ranks.</param>
    /// <param name="maxBatch">The most samples of a batch, from 1; the same on all ranks.</param>
    /// <exception cref="ArgumentException">Fewer layers than ranks, or a width or batch below 1.</exception>
    public LayerRanks(ICommunicator ranks, ReadOnlySpan<int> widths, int maxBatch)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        if (widths.Length - 1 < ranks.Size)
            throw new ArgumentException($"There are {ranks.Size} ranks for {Math.Max(0, widths.Length - 1)} layers; expected a layer for each.", nameof(widths));
        foreach (int width in widths) ArgumentOutOfRangeException.ThrowIfLessThan(width, 1, nameof(widths));
        (Ranks, _widths) = (ranks, [.. widths]);
        MetricSchedule = MetricSchedule.Of(_widths.AsSpan(1).ToArray().Max());
        long[] costs = [.. _widths.Skip(1).Select((outputs, i) => MetricSchedule.CostOf(_widths[i], outputs, maxBatch, isFirst: i == 0))];
        RowRange[] blocks = StagePlan.Of(costs, ranks.Size);
        _starts = [.. blocks.Select(block => block.First), costs.Length];
        Part = new NetworkPart(blocks[ranks.Rank].First, blocks[ranks.Rank].Count, costs.Length, _widths[^1]);
    }

    /// <summary>The processes.</summary>
    public ICommunicator Ranks { get; }

    /// <summary>[Ranks.Size + 1]: rank r's block begins with layer Starts[r], from 0, and ends before Starts[r + 1].</summary>
    public ReadOnlySpan<int> Starts => _starts;

    /// <summary>The first layer of this rank's block, from 0.</summary>
    public int FirstLayer => Part.FirstLayer;

    /// <summary>The layers of this rank's block, from 1.</summary>
    public int Count => Part.Count;

    /// <summary>Whether the network's first layer is this rank's: it needs the inputs.</summary>
    public bool HasFirstLayer => Part.HasFirst;

    /// <summary>Whether the network's last layer is this rank's: it has the scores.</summary>
    public bool HasLastLayer => Part.HasLast;

    /// <summary>Inputs, hidden widths and outputs of the whole network.</summary>
    public ReadOnlySpan<int> Widths => _widths;

    /// <summary>The same of this rank's block.</summary>
    public ReadOnlySpan<int> BlockWidths => _widths.AsSpan(FirstLayer, Count + 1);

    internal NetworkPart Part { get; }

    internal MetricSchedule MetricSchedule { get; }

    /// <summary>
    /// This rank's block of a network as one of its own, which leaves the others to be collected. Only the last block has the network's
    /// loss; what others say of theirs means nothing.
    /// </summary>
    /// <param name="layers">Those of the whole network, from the first; may make each when it is asked for.</param>
    /// <param name="loss">Of the whole network.</param>
    /// <exception cref="ArgumentException">Layers of other widths.</exception>
    public Network BlockOf(IEnumerable<Layer> layers, Loss loss)
    {
        ArgumentNullException.ThrowIfNull(layers);
        var block = new Network(layers.Skip(FirstLayer).Take(Count), HasLastLayer ? loss : Loss.LeastSquares);
        Check(block, nameof(layers));
        return block;
    }

    /// <exception cref="ArgumentException">Not this rank's block, or an output that is not linear.</exception>
    internal void Check(Network block, string name)
    {
        if (!block.Layers.Select(layer => layer.Outputs).Prepend(block.Inputs).SequenceEqual(BlockWidths.ToArray()))
            throw new ArgumentException($"The layers are {block.Shape}, those of rank {Ranks.Rank} {string.Join('-', BlockWidths.ToArray())}.", name);
        if (HasLastLayer && block.Layers[^1].Activation is not Activation<Identity>)
            throw new ArgumentException($"The output layer must be linear, not {block.Layers[^1].Activation.Name}.", name);
    }
}
