using Lpom.Simd.Kernels.Dense;

namespace Lpom.Simd.Training;

/// <summary>Which layers are too large a part of a step to be one worker's, and are done by all of them, and which are done at once.</summary>
internal sealed class LayerShares
{
    private LayerShares(int[] split, int[] whole) => (Split, Whole) = (split, whole);

    /// <summary>Layers that all workers do together, one after the other; from the top.</summary>
    public int[] Split { get; }

    /// <summary>Layers that are done at once, a worker each: every worker's share in turn, as <see cref="Kernels.Threads.WorkerTeam"/> cuts it, from its largest.</summary>
    public int[] Whole { get; }

    /// <summary>Divides layers so that those at once are no more than a worker's equal share each, or too small to be split.</summary>
    /// <param name="costs">Multiply-adds of each layer.</param>
    /// <param name="workers">That do whole layers; 0 for none.</param>
    public static LayerShares Of(ReadOnlySpan<long> costs, int workers)
    {
        long[] all = costs.ToArray();
        int[] fromLargest = [.. Enumerable.Range(0, all.Length).OrderByDescending(layer => all[layer])];
        long left = all.Sum();
        int split = workers == 0 ? all.Length : 0;
        while (split < all.Length && all[fromLargest[split]] * workers > left && all[fromLargest[split]] >= GemmBlocking.TeamThreshold)
            left -= all[fromLargest[split++]];
        return new LayerShares([.. fromLargest[..split].OrderDescending()], Deal(fromLargest[split..], all, workers));
    }

    // The largest that is left to the worker with the least work that has room.
    private static int[] Deal(int[] fromLargest, long[] costs, int workers)
    {
        var shares = Enumerable.Range(0, workers).Select(_ => new List<int>()).ToArray();
        foreach (int layer in fromLargest)
        {
            int worker = Enumerable.Range(0, workers).Where(HasRoom).MinBy(i => shares[i].Sum(other => costs[other]));
            shares[worker].Add(layer);
        }
        return [.. shares.SelectMany(share => share)];

        bool HasRoom(int worker) =>
            shares[worker].Count < ((long)fromLargest.Length * (worker + 1) / workers) - ((long)fromLargest.Length * worker / workers);
    }
}
