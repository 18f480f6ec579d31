namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>Divides layers into stages: contiguous blocks, of which the one with the most work has as little as possible.</summary>
internal static class StagePlan
{
    /// <summary>The stages' layers, from the first; none is empty.</summary>
    /// <param name="costs">Multiply-adds of each layer.</param>
    /// <param name="stages">From 1 to the number of layers.</param>
    public static RowRange[] Of(ReadOnlySpan<long> costs, int stages)
    {
        long[] sums = Sums(costs);
        // least[s, n]: the most work of a stage when the first n layers are in s stages, at its least; cuts[s, n]: the layers before the last of them.
        var least = new long[stages + 1, costs.Length + 1];
        var cuts = new int[stages + 1, costs.Length + 1];
        for (int n = 1; n <= costs.Length; n++) least[1, n] = sums[n];
        for (int s = 2; s <= stages; s++)
        {
            for (int n = s; n <= costs.Length; n++) (least[s, n], cuts[s, n]) = BestCut(least, sums, s, n);
        }
        return Cut(cuts, stages, costs.Length);
    }

    private static long[] Sums(ReadOnlySpan<long> costs)
    {
        var sums = new long[costs.Length + 1];
        for (int i = 0; i < costs.Length; i++) sums[i + 1] = sums[i] + costs[i];
        return sums;
    }

    private static (long Most, int Cut) BestCut(long[,] least, long[] sums, int stages, int layers)
    {
        (long Most, int Cut) best = (long.MaxValue, 0);
        for (int cut = stages - 1; cut < layers; cut++)
        {
            long most = Math.Max(least[stages - 1, cut], sums[layers] - sums[cut]);
            if (most < best.Most) best = (most, cut);
        }
        return best;
    }

    private static RowRange[] Cut(int[,] cuts, int stages, int layers)
    {
        var result = new RowRange[stages];
        for (int s = stages, end = layers; s > 0; s--)
        {
            int first = cuts[s, end];
            result[s - 1] = new RowRange(first, end - first);
            end = first;
        }
        return result;
    }
}
