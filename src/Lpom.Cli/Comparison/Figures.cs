using System.Globalization;

namespace Lpom.Cli.Comparison;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    /// <summary>What there is no figure for.</summary>
    public const string None = "–";

    /// <summary>What the figures of a task's score are.</summary>
    /// <param name="task">The task.</param>
    /// <param name="seeds">From 1 to this.</param>
    public static string ScoreKind(LearningTask task, int seeds)
    {
        string score = task == LearningTask.Classify ? "test accuracy in %" : "test mean square error per value";
        return seeds == 1 ? $"{score}, seed 1" : $"{score}, mean ± sample standard deviation of the seeds 1 to {seeds}";
    }

    /// <summary>An accuracy in percent, or a mean square error, with the deviation if there is one: <c>98.57 ± 0.05</c>, <c>0.00981 ± 0.00012</c>.</summary>
    public static string Score(LearningTask task, Spread? score)
    {
        if (score is not Spread some)
            return None;
        if (!double.IsFinite(some.Mean))
            return "not finite";
        string mean = Score(task, some.Mean, "G4");
        return some.Deviation is double deviation ? $"{mean} ± {Score(task, deviation, "G2")}" : mean;
    }

    /// <summary>With three digits, roughly.</summary>
    public static string Seconds(double? seconds) => seconds switch
    {
        null => None,
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds:F3}"),
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{seconds:F2}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:F1}"),
    };

    public static string Memory(double? mebibytes) => mebibytes is null ? None : string.Create(CultureInfo.InvariantCulture, $"{mebibytes:F0}");

    /// <summary>The name with how many of its runs diverged.</summary>
    public static string Name(MethodSummary method) => method.Diverged.Count switch
    {
        0 => method.Method,
        int some when some == method.Runs.Count => $"{method.Method} (diverged)",
        int some => $"{method.Method} ({some} of {method.Runs.Count} diverged)",
    };

    private static string Score(LearningTask task, double value, string errorFormat) => task == LearningTask.Classify
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:F2}")
        : value.ToString(errorFormat, CultureInfo.InvariantCulture);
}
