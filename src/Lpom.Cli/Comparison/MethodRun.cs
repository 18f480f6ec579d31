using Lpom.Cli.Training;

namespace Lpom.Cli.Comparison;

/// <summary>A method's run with one seed, from the start to its end or until it diverged.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Task">What it was trained for.</param>
/// <param name="Seed">From 1.</param>
/// <param name="Epochs">The figures after each whole epoch.</param>
/// <param name="Divergence">When training diverged, where and how; null when it did not.</param>
/// <param name="PeakMemoryMiB">The most memory that the process had resident during the run; null where that cannot be known.</param>
internal sealed record MethodRun(string Method, LearningTask Task, ulong Seed, IReadOnlyList<EpochReport> Epochs, string? Divergence, double? PeakMemoryMiB)
{
    public bool HasDiverged => Divergence is not null;

    /// <summary>Training time of the whole epochs.</summary>
    public double Seconds => Epochs.Count > 0 ? Epochs[^1].Seconds : 0;

    /// <summary>The training time at which the test score first reached a target; null if it never did.</summary>
    public double? TimeTo(double target)
    {
        foreach (EpochReport epoch in Epochs)
        {
            if (epoch.Test!.Value.Reaches(target))
                return epoch.Seconds;
        }

        return null;
    }

    /// <summary>The test score after the last epoch that was done by some training time; null before the first.</summary>
    public double? ScoreBy(double seconds)
    {
        double? score = null;
        foreach (EpochReport epoch in Epochs)
        {
            if (epoch.Seconds <= seconds)
                score = epoch.Test!.Value.Value;
        }

        return score;
    }
}
