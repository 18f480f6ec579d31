using Lpom.Simd.Training.Distributed;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Bench.Scaling;

/// <summary>What ranks send each other, and what a rank copies and adds up for it.</summary>
internal static class Exchanges
{
    private const double CopyPasses = 2 * sizeof(float), AddPasses = 3 * sizeof(float);

    // Of a low-rank inverse: basis, factor and three numbers.
    private const int LowRankParts = 5;

    /// <summary>A message that every rank waits for: all reach all in ⌈log₂ R⌉ hops.</summary>
    public static StepCost Empty(int ranks) => new() { Messages = Hops(ranks) };

    /// <summary>Every rank's part of so many floats reaches all.</summary>
    /// <param name="ranks">R.</param>
    /// <param name="floats">Of all ranks together.</param>
    public static StepCost Message(int ranks, double floats) => Empty(ranks) + Received(ranks, floats);

    /// <summary>What a layer whose units are divided exchanges: activations up and pulls down.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="batch">B.</param>
    /// <param name="ranks">R.</param>
    /// <param name="isFirst">Whether nothing is handed down.</param>
    /// <param name="isDividedBelow">Whether the layer below needs its own units' pulls alone.</param>
    public static StepCost OfUnits(LayerSize layer, int batch, int ranks, bool isFirst, bool isDividedBelow)
    {
        double pulls = (double)batch * layer.Inputs;
        StepCost cost = Columns(ranks, (double)batch * layer.Outputs);
        if (isFirst) return cost;
        cost += Message(ranks, pulls) + new StepCost { ActivationBytes = AddPasses * pulls };
        return isDividedBelow ? cost : cost + Columns(ranks, pulls);
    }

    /// <summary>Rows of H(A + λI)⁻¹ and of its product with Hᵀ reach all ranks: small matrices of all layers together, larger ones each.</summary>
    /// <param name="layers">Those that the ranks divide and whose metric is applied to their inputs.</param>
    /// <param name="batch">B.</param>
    /// <param name="ranks">R.</param>
    public static StepCost OfSolves(IEnumerable<LayerSize> layers, int batch, int ranks)
    {
        double[] floats = [.. layers.SelectMany(layer => (double[])[(double)batch * layer.Inputs, (double)batch * batch])];
        double least = (double)RankGroup.LeastOwnMessage * ranks, small = floats.Where(count => count < least).Sum();
        var cost = default(StepCost);
        if (small > 0) cost = Columns(ranks, small);
        foreach (double large in floats.Where(count => count >= least)) cost += Message(ranks, large);
        return cost;
    }

    /// <summary>The inverses go round from the ranks that made them, and before them whether all could be made; in the mean of all steps.</summary>
    /// <param name="network">All layers.</param>
    /// <param name="ranks">R.</param>
    public static StepCost OfInverses(LayerSize[] network, int ranks)
    {
        double every = LayerCosts.ScheduleOf(network).RefreshEvery, messages = 1, floats = 0;
        foreach (LayerSize layer in network.AsSpan(1))
        {
            bool isLowRank = LayerCosts.IsLowRank(layer);
            messages += isLowRank ? LowRankParts : 1;
            floats += (double)layer.Inputs * (isLowRank ? 2 * LowRankInverse.Rank : layer.Inputs);
        }
        return new StepCost { Messages = messages * Hops(ranks) / every, NetworkBytes = sizeof(float) * floats / every };
    }

    /// <summary>So many floats from one other rank.</summary>
    public static StepCost OfNeighbour(double floats) => new() { Messages = 1, NetworkBytes = sizeof(float) * floats };

    // Gathered through a buffer, into which a rank copies its part and out of which it copies the others'.
    private static StepCost Columns(int ranks, double floats) => Message(ranks, floats) + new StepCost { ActivationBytes = CopyPasses * floats };

    private static StepCost Received(int ranks, double floats) => new() { NetworkBytes = sizeof(float) * floats * (ranks - 1) / ranks };

    private static double Hops(int ranks) => Math.Ceiling(Math.Log2(ranks));
}
