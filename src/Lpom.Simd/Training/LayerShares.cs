namespace Lpom.Simd.Training;

/// <summary>Which layers are too large a part of a step to be one worker's, and are done by all of them, and which are done at once.</summary>
internal sealed class LayerShares
{
    private LayerShares(int[] split, int[] whole) => (Split, Whole) = (split, whole);

    /// <summary>Layers that all workers do together, one after the other; from the top.</summary>
    public int[] Split { get; }

    /// <summary>Layers that are done at once, a worker each; from the largest.</summary>
    public int[] Whole { get; }

    /// <summary>Divides layers so that none at once is more than a worker's equal share.</summary>
    /// <param name="costs">Of each layer.</param>
    /// <param name="workers">That do whole layers; 0 for none.</param>
    public static LayerShares Of(ReadOnlySpan<long> costs, int workers)
    {
        long[] all = costs.ToArray();
        int[] fromLargest = [.. Enumerable.Range(0, all.Length).OrderByDescending(layer => all[layer])];
        long left = all.Sum();
        int split = workers == 0 ? all.Length : 0;
        while (split < all.Length && all[fromLargest[split]] * workers > left) left -= all[fromLargest[split++]];
        return new LayerShares([.. fromLargest[..split].OrderDescending()], fromLargest[split..]);
    }
}
