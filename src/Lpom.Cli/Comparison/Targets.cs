namespace Lpom.Cli.Comparison;

/// <summary>Accuracies worth timing when none are given.</summary>
internal static class Targets
{
    private const int Count = 3, StepsPerUnit = 100;

    // A mean of 0.98 may be a little below in binary.
    private const double Rounding = 1e-9;

    /// <summary>The best mean in whole hundredths, and the two below; none when nothing is reached.</summary>
    public static IReadOnlyList<double> Of(IEnumerable<MethodSummary> methods)
    {
        double best = methods.Max(m => m.Accuracy?.Mean) ?? 0;
        int last = (int)Math.Floor((best * StepsPerUnit) + Rounding);
        return [.. Enumerable.Range(last - Count + 1, Count).Where(step => step > 0).Select(step => (double)step / StepsPerUnit)];
    }
}
