using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Bench.Scaling;

/// <summary>What the parts of a training step cost a rank: of a whole layer, or of some of its units, all ranks having as many.</summary>
internal static class LayerCosts
{
    // Of input rows, products of activations, deviations and pulls: bytes that elementwise work reads and writes for a float of each.
    private const double ActivationPasses = 8 * sizeof(float), InputPasses = 3 * sizeof(float);

    // Gradient, velocity and weights are read, the last two written.
    private const double WeightPasses = 5 * sizeof(float), HeldPasses = 3 * sizeof(float);

    // The trust bound reads the gradient, of other layers its product with the metric too; or two products of B × B.
    private const double FirstBoundPasses = sizeof(float), BoundPasses = 2 * sizeof(float);

    // A low-rank inverse first multiplies what it is applied to.
    private const double MetricPasses = 2 * sizeof(float);

    // Half of a Gram matrix is read and written for a batch; for its inverse it is copied, mirrored and multiplied.
    private const double GramPasses = sizeof(float), RefreshPasses = 4 * sizeof(float);

    // Products of in × 128 with 128 × 128, and solves as large, that keep a basis orthonormal and factor it.
    private const double FactorProducts = 7;

    /// <summary>Gathering and whitening the rows.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="batch">B.</param>
    public static StepCost Whitening(LayerSize first, int batch)
    {
        int rank = first.Inputs < InputMetric.MostExact ? first.Inputs : InputMetric.Rank;
        return StepCost.Product(4.0 * batch * first.Inputs * rank, Strip(batch, rank)) + Gathering(first, batch);
    }

    /// <summary>Gathering alone.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="rows">Of the batch.</param>
    public static StepCost Gathering(LayerSize first, double rows) => new() { ActivationBytes = InputPasses * rows * first.Inputs };

    /// <summary>Feeding forward.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="rows">Of the batch.</param>
    /// <param name="parts">Ranks that its units are divided among.</param>
    public static StepCost Forward(LayerSize layer, double rows, int parts) =>
        StepCost.Product(2 * rows * layer.Weights / parts, Strip(rows, (double)layer.Outputs / parts)) with { ProductBytes = sizeof(float) * layer.Weights / parts };

    /// <summary>The product that deviations are handed down with: a divided layer's rank sums over its units, a whole one's leaves out the columns of others.</summary>
    /// <inheritdoc cref="Forward" path="/param" />
    public static StepCost Pull(LayerSize layer, double rows, int parts) =>
        StepCost.Product(2 * rows * layer.Weights / parts, Strip(rows, (double)layer.Inputs / parts)) with { ProductBytes = sizeof(float) * layer.Weights / parts };

    /// <summary>The weight gradient; with the rows that a metric was applied to, the step itself.</summary>
    /// <inheritdoc cref="Forward" path="/param" />
    public static StepCost Gradient(LayerSize layer, double rows, int parts) =>
        StepCost.Product(2 * rows * layer.Weights / parts, Strip(rows, (double)layer.Outputs / parts));

    /// <summary>Elementwise work on activations, and the layer's calls.</summary>
    /// <inheritdoc cref="Forward" path="/param" />
    public static StepCost Activations(LayerSize layer, double rows, int parts) =>
        new() { ActivationBytes = ActivationPasses * rows * layer.Outputs / parts, Layers = 1 };

    /// <summary>The step of the weights.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="parts">Ranks that its units are divided among.</param>
    public static StepCost Weights(LayerSize layer, int parts) =>
        new() { WeightBytes = WeightPasses * layer.Weights / parts, HeldBytes = HeldPasses * layer.Weights / parts };

    /// <summary>Whether the metric is applied to the layer's input, not to the gradient: rows are fewer than units.</summary>
    /// <param name="layer">A layer that is not the first.</param>
    /// <param name="batch">B.</param>
    public static bool SolvesInputs(LayerSize layer, int batch) => layer.Outputs > batch;

    /// <summary>The metric's product, and what bounds the step.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="batch">B.</param>
    /// <param name="parts">Ranks that its units, and rows of its input, are divided among.</param>
    /// <param name="isFirst">Whether its rows are whitened.</param>
    public static StepCost Solve(LayerSize layer, int batch, int parts, bool isFirst)
    {
        if (isFirst) return new StepCost { WeightBytes = FirstBoundPasses * layer.Weights / parts };
        StepCost metric = Metric(layer, (double)Math.Min(batch, layer.Outputs) / parts);
        if (!SolvesInputs(layer, batch)) return metric + new StepCost { WeightBytes = BoundPasses * layer.Weights / parts };
        double squares = (double)batch * batch;
        return metric + StepCost.Product(2 * squares * layer.Inputs / parts, Strip((double)batch / parts, batch))
            + StepCost.Product(squares * layer.Outputs / parts, batch) + new StepCost { ActivationBytes = BoundPasses * squares };
    }

    /// <summary>The running Gram matrix and its inverse, in the mean of all steps.</summary>
    /// <param name="layer">A layer that is not the first.</param>
    /// <param name="batch">B.</param>
    /// <param name="network">All layers.</param>
    public static StepCost Gram(LayerSize layer, int batch, LayerSize[] network)
    {
        const double rank = LowRankInverse.Rank;
        MetricSchedule schedule = ScheduleOf(network);
        double n = layer.Inputs, refresh = IsLowRank(layer) ? (2 * n * n * rank) + (FactorProducts * n * rank * rank) : n * n * n;
        return StepCost.Product((batch * n * n / schedule.GramEvery) + (refresh / schedule.RefreshEvery), Strip(batch, n)) with
        {
            ProductBytes = n * n * ((GramPasses / schedule.GramEvery) + (RefreshPasses / schedule.RefreshEvery)),
        };
    }

    /// <summary>When a network's Gram matrices and their inverses are brought up to date.</summary>
    public static MetricSchedule ScheduleOf(LayerSize[] network) => MetricSchedule.Of(network.Max(layer => layer.Outputs));

    /// <summary>Whether the inverse of a layer's Gram matrix is one of low rank.</summary>
    public static bool IsLowRank(LayerSize layer) => DampedInverse.IsLowRank(layer.Inputs + 1);

    private static StepCost Metric(LayerSize layer, double rows)
    {
        double n = layer.Inputs;
        return IsLowRank(layer)
            ? StepCost.Product(4 * rows * n * LowRankInverse.Rank, Strip(rows, LowRankInverse.Rank)) with { ActivationBytes = MetricPasses * rows * n }
            : StepCost.Product(2 * rows * n * n, Strip(rows, n));
    }

    private static double Strip(double rows, double units) => Math.Max(1, Math.Min(rows, units));
}
