using System.Globalization;

namespace Lpom.Cli.Comparison;

/// <summary>The tables of a comparison: the score against epochs and against seconds, times and memory.</summary>
internal static class ComparisonFigures
{
    /// <summary>Parts of the run, in epochs and in seconds, after which scores are shown.</summary>
    private static readonly double[] Parts = [0.125, 0.25, 0.5, 1];

    /// <param name="methods">At least one.</param>
    /// <param name="epochs">Of each run.</param>
    /// <param name="targets">Scores whose times are shown.</param>
    public static IReadOnlyList<FigureGrid> Of(IReadOnlyList<MethodSummary> methods, int epochs, IReadOnlyList<double> targets)
    {
        FigureGrid byEpoch = ByEpoch(methods, epochs), times = Times(methods, targets);
        return methods.Max(m => m.LongestSeconds) is double longest ? [byEpoch, BySeconds(methods, longest), times] : [byEpoch, times];
    }

    private static FigureGrid ByEpoch(IReadOnlyList<MethodSummary> methods, int epochs)
    {
        int[] shown = [.. Parts.Select(part => Math.Max(1, (int)Math.Round(part * epochs))).Prepend(1).Distinct()];
        return new FigureGrid(
            $"After epochs: {Figures.ScoreKind(methods[0].Task, methods.Max(m => m.Runs.Count))}",
            ["method", .. shown.Select(epoch => $"epoch {epoch}")],
            [.. methods.Select(m => (string[])[Figures.Name(m), .. shown.Select(epoch => Figures.Score(m.Task, m.ScoreAt(epoch)))])]);
    }

    private static FigureGrid BySeconds(IReadOnlyList<MethodSummary> methods, double longest)
    {
        double[] shown = [.. Parts.Select(part => RoundedUp(part * longest))];
        return new FigureGrid(
            "After seconds of training: the same of the last epoch done by then",
            ["method", .. shown.Select(seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"))],
            [.. methods.Select(m => (string[])[Figures.Name(m), .. shown.Select(seconds => Figures.Score(m.Task, m.ScoreBy(seconds)))])]);
    }

    private static FigureGrid Times(IReadOnlyList<MethodSummary> methods, IReadOnlyList<double> targets) => new(
        $"Medians of training seconds: an epoch, until an {(methods[0].Task == LearningTask.Classify ? "accuracy" : "error")} is first reached; the process's peak of memory in MiB",
        ["method", "s/epoch", .. targets.Select(target => string.Create(CultureInfo.InvariantCulture, $"s to {target}")), "MiB"],
        [.. methods.Select(m => (string[])[Figures.Name(m), Figures.Seconds(m.SecondsPerEpoch), .. targets.Select(target => Figures.Seconds(m.TimeTo(target))), Figures.Memory(m.PeakMemoryMiB)])]);

    /// <summary>To two digits, upwards, so that the longest run is over by its own time.</summary>
    private static double RoundedUp(double seconds)
    {
        if (seconds <= 0)
            return 0;
        int digits = 1 - (int)Math.Floor(Math.Log10(seconds));
        double scale = Math.Pow(10, Math.Abs(digits));
        return digits >= 0 ? Math.Ceiling(seconds * scale) / scale : Math.Ceiling(seconds / scale) * scale;
    }
}
