using Lpom.Simd.Model;

namespace Lpom.Cli.Training;

/// <summary>How a training ended.</summary>
internal sealed record TrainingOutcome
{
    /// <summary>After the last step; after the last good epoch when training diverged.</summary>
    public required Network Network { get; init; }

    /// <summary>Whole epochs that <see cref="Network"/> has behind it.</summary>
    public required int Epochs { get; init; }

    /// <summary>Whole epochs that were trained: more than <see cref="Epochs"/> when an earlier one's weights are the best.</summary>
    public required int StoppedAfter { get; init; }

    /// <summary>Figures of <see cref="Network"/>.</summary>
    public required EpochReport Last { get; init; }

    /// <summary>Managed bytes allocated per step, after warm-up; see <see cref="StepAllocation"/>.</summary>
    public required double AllocatedBytesPerStep { get; init; }

    /// <summary>Times that training diverged and went on from a good network with smaller steps.</summary>
    public required int Restarts { get; init; }

    /// <summary>Ended by a signal.</summary>
    public required bool IsInterrupted { get; init; }

    /// <summary>When training diverged, where and how, such as <c>in epoch 2: layer 1: …</c>; null when it did not.</summary>
    public string? Divergence { get; init; }

    public bool HasDiverged => Divergence is not null;
}
