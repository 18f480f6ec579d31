namespace Lpom.Cli.Comparison;

/// <summary>The figures of a method over the seeds of its complete runs. A score is an accuracy, or an autoencoder's mean square error.</summary>
/// <remarks>
/// A diverged run is complete: it counts against times to a target and for memory. It has no score at the end, so that means of
/// scores are those of the others; <see cref="Diverged"/> is to be told beside them.
/// </remarks>
/// <param name="Method">The method's name.</param>
/// <param name="Runs">One a seed.</param>
internal sealed record MethodSummary(string Method, IReadOnlyList<MethodRun> Runs)
{
    /// <summary>What the method was trained for.</summary>
    public LearningTask Task => Runs[0].Task;

    /// <summary>Seeds whose run diverged.</summary>
    public IReadOnlyList<ulong> Diverged => [.. Runs.Where(r => r.HasDiverged).Select(r => r.Seed)];

    /// <summary>The test score at the end of the runs that did not diverge; null if all did.</summary>
    public Spread? Score => Statistics.SpreadOf([.. Finished.Select(r => r.Epochs[^1].Test!.Value.Value)]);

    /// <summary>The median difference between epochs; null with one epoch only.</summary>
    public double? SecondsPerEpoch => Statistics.Median(Runs.SelectMany(r => r.Epochs.Zip(r.Epochs.Skip(1), (before, after) => after.Seconds - before.Seconds)));

    /// <summary>The median length of the runs that did not diverge; null if all did.</summary>
    public double? Seconds => Statistics.Median(Finished.Select(r => r.Seconds));

    /// <summary>The length of the longest run that did not diverge; null if all did.</summary>
    public double? LongestSeconds => Finished.Max(r => (double?)r.Seconds);

    /// <summary>The most of any run; null where it cannot be known.</summary>
    public double? PeakMemoryMiB => Runs.Max(r => r.PeakMemoryMiB);

    private IEnumerable<MethodRun> Finished => Runs.Where(r => !r.HasDiverged);

    /// <summary>Each method's complete runs, in the order in which the methods first ran.</summary>
    public static IReadOnlyList<MethodSummary> Of(IEnumerable<MethodRun> runs) =>
        [.. runs.GroupBy(r => r.Method).Select(group => new MethodSummary(group.Key, [.. group]))];

    /// <summary>Test score after an epoch.</summary>
    /// <param name="epoch">From 1.</param>
    public Spread? ScoreAt(int epoch) => Statistics.SpreadOf([.. Finished.Select(r => r.Epochs[epoch - 1].Test!.Value.Value)]);

    /// <summary>Test score by some training time; null until every run has one.</summary>
    public Spread? ScoreBy(double seconds)
    {
        double?[] scores = [.. Finished.Select(r => r.ScoreBy(seconds))];
        return scores.Contains(null) ? null : Statistics.SpreadOf([.. scores.Select(s => s!.Value)]);
    }

    /// <summary>The median over the seeds of the time at which a test score is first reached; null if one never does.</summary>
    public double? TimeTo(double target)
    {
        double?[] times = [.. Runs.Select(r => r.TimeTo(target))];
        return times.Contains(null) ? null : Statistics.Median(times.Select(t => t!.Value));
    }
}
