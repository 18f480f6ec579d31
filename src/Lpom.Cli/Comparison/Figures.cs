using System.Globalization;

namespace Lpom.Cli.Comparison;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    /// <summary>What there is no figure for.</summary>
    public const string None = "–";

    /// <summary>What the figures of an accuracy are.</summary>
    /// <param name="seeds">From 1 to this.</param>
    public static string AccuracyKind(int seeds) => seeds == 1
        ? "test accuracy in %, seed 1"
        : $"test accuracy in %, mean ± sample standard deviation of the seeds 1 to {seeds}";

    /// <summary>In percent, with the deviation if there is one: <c>98.57 ± 0.05</c>.</summary>
    public static string Accuracy(Spread? accuracy) => accuracy switch
    {
        { Deviation: double deviation } some => string.Create(CultureInfo.InvariantCulture, $"{100 * some.Mean:F2} ± {100 * deviation:F2}"),
        { } alone => string.Create(CultureInfo.InvariantCulture, $"{100 * alone.Mean:F2}"),
        null => None,
    };

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
}
