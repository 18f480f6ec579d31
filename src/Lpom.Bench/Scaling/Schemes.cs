using Lpom.Simd.Training;
using Lpom.Simd.Training.Distributed;
using Lpom.Simd.Training.Streaming;
using Lpom.Simd.Training.Streaming.Stages;

namespace Lpom.Bench.Scaling;

/// <summary>The schemes that divide a training step among ranks, and what the slowest rank does in each.</summary>
internal static class Schemes
{
    // Sums of a few numbers over the ranks: residuals, and what the trust bound needs.
    private const int SmallSums = 2;

    /// <summary>Streaming LPOM in one process.</summary>
    /// <param name="network">Its layers.</param>
    /// <param name="batch">B.</param>
    public static StepCost Alone(LayerSize[] network, int batch) => Units(network, batch, 1);

    /// <summary>LPOM with the units of every large layer divided among the ranks, as <c>lpom train --distributed mpi</c> does.</summary>
    /// <param name="network">Its layers.</param>
    /// <param name="batch">B.</param>
    /// <param name="ranks">R.</param>
    public static StepCost Units(LayerSize[] network, int batch, int ranks)
    {
        StepCost cost = LayerCosts.Whitening(network[0], batch) + SlowestGrams(network, batch, ranks);
        for (int i = 0; i < network.Length; i++)
        {
            int parts = Parts(network, i, batch, ranks), partsBelow = i > 0 ? Parts(network, i - 1, batch, ranks) : 1;
            cost += OfLayer(network[i], batch, parts, isFirst: i == 0);
            if (i > 0) cost += LayerCosts.Pull(network[i], batch, Math.Max(parts, partsBelow));
            if (parts > 1) cost += Exchanges.OfUnits(network[i], batch, ranks, isFirst: i == 0, isDividedBelow: partsBelow > 1);
        }
        return ranks == 1 ? cost : cost + Shared(network, batch, ranks);
    }

    /// <summary>Back-propagation with momentum, each rank on its rows of the batch, and gradients summed over the ranks.</summary>
    /// <param name="network">Its layers.</param>
    /// <param name="batch">B of all ranks together: fixed for strong scaling, R times one rank's for weak.</param>
    /// <param name="ranks">R.</param>
    public static StepCost Data(LayerSize[] network, int batch, int ranks)
    {
        int rows = (batch + ranks - 1) / ranks;
        StepCost cost = LayerCosts.Gathering(network[0], rows);
        for (int i = 0; i < network.Length; i++)
        {
            LayerSize layer = network[i];
            cost += LayerCosts.Forward(layer, rows, 1) + LayerCosts.Gradient(layer, rows, 1) + LayerCosts.Weights(layer, 1) + LayerCosts.Activations(layer, rows, 1);
            if (i > 0) cost += LayerCosts.Pull(layer, rows, 1);
            // Reduced by parts, which are gathered: each once.
            cost += Exchanges.Message(ranks, 2 * layer.Weights) + Exchanges.Empty(ranks);
        }
        return cost;
    }

    /// <summary>LPOM with consecutive layers on each rank, and batches that flow through them, as many in flight as ranks.</summary>
    /// <param name="network">Its layers.</param>
    /// <param name="batch">B.</param>
    /// <param name="ranks">R; those beyond the number of layers stand by.</param>
    /// <param name="machine">By which a rank is the slowest.</param>
    public static StepCost Layers(LayerSize[] network, int batch, int ranks, Machine machine)
    {
        StepCost[] costs = [.. network.Select((_, i) => OfWholeLayer(network, batch, i))];
        MetricSchedule schedule = LayerCosts.ScheduleOf(network);
        long[] works = [.. network.Select((layer, i) => schedule.CostOf(layer.Inputs, layer.Outputs, batch, isFirst: i == 0))];
        RowRange[] stages = StagePlan.Of(works, Math.Min(ranks, network.Length));
        StepCost slowest = stages.Select(stage => OfStage(network, batch, stage, costs)).MaxBy(cost => cost.Seconds(machine));
        // All batches are finished after so many: filling and emptying take as long as another batch for every rank but one.
        return slowest.Times((Pipeline.Window + stages.Length - 1.0) / Pipeline.Window);
    }

    /// <summary>Whether a layer's units are divided among the ranks; else every rank does them all.</summary>
    public static bool IsDivided(LayerSize layer, int batch, int ranks) => ranks > 1 && layer.Outputs >= ranks && batch * layer.Weights >= RankGroup.LeastShared;

    private static int Parts(LayerSize[] network, int i, int batch, int ranks) => IsDivided(network[i], batch, ranks) ? ranks : 1;

    private static StepCost OfLayer(LayerSize layer, int batch, int parts, bool isFirst) =>
        LayerCosts.Forward(layer, batch, parts) + LayerCosts.Gradient(layer, batch, parts) + LayerCosts.Weights(layer, parts)
        + LayerCosts.Activations(layer, batch, parts) + LayerCosts.Solve(layer, batch, parts, isFirst);

    private static StepCost OfWholeLayer(LayerSize[] network, int batch, int i)
    {
        StepCost cost = OfLayer(network[i], batch, 1, isFirst: i == 0);
        return cost + (i == 0 ? LayerCosts.Whitening(network[0], batch) : LayerCosts.Pull(network[i], batch, 1) + LayerCosts.Gram(network[i], batch, network));
    }

    // Of each batch a rank receives the activations of the neighbour below and the pulls of the one above.
    private static StepCost OfStage(LayerSize[] network, int batch, RowRange stage, StepCost[] costs)
    {
        int end = stage.First + stage.Count;
        var cost = default(StepCost);
        for (int i = stage.First; i < end; i++) cost += costs[i];
        if (stage.First > 0) cost += Exchanges.OfNeighbour((double)batch * network[stage.First].Inputs);
        return end == network.Length ? cost : cost + Exchanges.OfNeighbour((double)batch * network[end - 1].Outputs);
    }

    // A Gram matrix is one rank's, from the top layer down in turn.
    private static StepCost SlowestGrams(LayerSize[] network, int batch, int ranks)
    {
        var costs = new StepCost[Math.Min(ranks, network.Length)];
        for (int i = 1; i < network.Length; i++) costs[(network.Length - 1 - i) % costs.Length] += LayerCosts.Gram(network[i], batch, network);
        return costs.MaxBy(cost => cost.Flops);
    }

    // What ranks that divide units exchange once a step.
    private static StepCost Shared(LayerSize[] network, int batch, int ranks) =>
        Exchanges.Empty(ranks).Times(SmallSums) + Exchanges.OfInverses(network, ranks)
        + Exchanges.OfSolves(network.Skip(1).Where(layer => LayerCosts.SolvesInputs(layer, batch) && IsDivided(layer, batch, ranks)), batch, ranks);
}
