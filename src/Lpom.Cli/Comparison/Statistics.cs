namespace Lpom.Cli.Comparison;

/// <summary>A mean, and the sample standard deviation (n − 1) about it, which one value alone has not.</summary>
internal readonly record struct Spread(double Mean, double? Deviation);

/// <summary>Figures over the seeds.</summary>
internal static class Statistics
{
    /// <returns>Null without values.</returns>
    public static Spread? SpreadOf(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
            return null;
        double mean = values.Average();
        double? deviation = values.Count > 1 ? Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)) : null;
        return new Spread(mean, deviation);
    }

    /// <summary>The middle value, or the mean of the middle two.</summary>
    /// <returns>Null without values.</returns>
    public static double? Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
            return null;
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
