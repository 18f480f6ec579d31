namespace Lpom.Simd.Training.Streaming;

/// <summary>The steps whose batches go into the running Gram matrices, and those that make the inverses anew.</summary>
internal readonly record struct MetricSchedule
{
    // Layers this wide refresh half as often: their Gram matrices and inverses cost most.
    private const int WideUnits = 1000;
    private const int FirstGramSteps = 10;

    // Multiply-adds in the time that the weight step takes for an element.
    private const int ElementwiseCost = 30;

    private MetricSchedule(int gramEvery, int refreshEvery) => (GramEvery, RefreshEvery) = (gramEvery, refreshEvery);

    /// <summary>Steps from one batch that goes into the running Gram matrices to the next.</summary>
    public int GramEvery { get; }

    /// <summary>Steps from one time that the inverses are made to the next.</summary>
    public int RefreshEvery { get; }

    /// <summary>That of a network.</summary>
    /// <param name="widest">Units of its widest layer.</param>
    public static MetricSchedule Of(int widest) => widest >= WideUnits ? new(8, 100) : new(4, 50);

    /// <summary>Whether a step's batch goes into the running Gram matrices.</summary>
    public bool AddsToGram(int step) => step % GramEvery == 0 || step < FirstGramSteps;

    /// <summary>Whether a step makes the inverses anew.</summary>
    public bool Refreshes(int step) => step % RefreshEvery == 0 || step is 3 or 10 or 25;

    /// <summary>What a layer's step takes, in multiply-adds: forward, pull, gradient, the weight step, the metric's product, and its update and inverse, which some steps have.</summary>
    /// <param name="layerInputs">Of the layer.</param>
    /// <param name="outputs">Of the layer.</param>
    /// <param name="batch">The most rows.</param>
    /// <param name="isFirst">Whether it is the network's first layer, which has neither pull nor running metric.</param>
    public long CostOf(int layerInputs, int outputs, int batch, bool isFirst)
    {
        long inputs = layerInputs + 1, weights = inputs * outputs, rows = Math.Min(batch, outputs);
        if (isFirst) return ((batch * 2L) + ElementwiseCost) * weights;
        long gram = batch * inputs * inputs / (2 * GramEvery);
        long metric = DampedInverse.CostOfApply(rows, inputs) + gram + (DampedInverse.CostOfRefresh(inputs) / RefreshEvery);
        return (((batch * 3L) + ElementwiseCost) * weights) + metric;
    }
}
