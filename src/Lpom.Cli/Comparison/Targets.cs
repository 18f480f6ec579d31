using System.Globalization;

namespace Lpom.Cli.Comparison;

/// <summary>Scores worth timing when none are given.</summary>
internal static class Targets
{
    private const int Count = 3, StepsPerUnit = 100;

    // A mean of 0.98 may be a little below in binary.
    private const double Rounding = 1e-9;

    /// <summary>Digits of round errors in each power of ten.</summary>
    private static readonly string[] RoundDigits = ["1", "1.5", "2", "3", "5", "7"];

    /// <summary>The best mean accuracy in whole hundredths and the two below, or the best mean error rounded up and the next two; none when nothing is reached.</summary>
    /// <param name="methods">Of one task.</param>
    public static IReadOnlyList<double> Of(IReadOnlyList<MethodSummary> methods)
    {
        double[] means = [.. methods.Select(m => m.Score?.Mean).OfType<double>().Where(double.IsFinite)];
        if (means.Length == 0)
            return [];
        return methods[0].Task == LearningTask.Classify ? AccuraciesBelow(means.Max()) : ErrorsAbove(means.Min());
    }

    private static double[] AccuraciesBelow(double best)
    {
        int last = (int)Math.Floor((best * StepsPerUnit) + Rounding);
        return [.. Enumerable.Range(last - Count + 1, Count).Where(step => step > 0).Select(step => (double)step / StepsPerUnit)];
    }

    private static double[] ErrorsAbove(double best)
    {
        if (best <= 0)
            return [];
        int power = (int)Math.Floor(Math.Log10(best));
        IEnumerable<double> round = Enumerable.Range(power, 2).SelectMany(p => RoundDigits.Select(digits => double.Parse($"{digits}e{p}", CultureInfo.InvariantCulture)));
        return [.. round.Where(error => error >= best).Take(Count)];
    }
}
