using Lpom.Simd.Model;
using Lpom.Simd.Training;

namespace Lpom.Cli.Training;

/// <summary>How a training ended.</summary>
internal sealed record TrainingOutcome
{
    /// <summary>After the last step; after the last good epoch when training diverged.</summary>
    public required Network Network { get; init; }

    /// <summary>Whole epochs that <see cref="Network"/> has behind it.</summary>
    public required int Epochs { get; init; }

    /// <summary>Figures of <see cref="Network"/>.</summary>
    public required EpochReport Last { get; init; }

    /// <summary>Managed bytes allocated per step over all threads, after warm-up.</summary>
    public required double AllocatedBytesPerStep { get; init; }

    /// <summary>Ended by a signal.</summary>
    public required bool IsInterrupted { get; init; }

    /// <summary>Ended by divergence, in epoch <see cref="Epochs"/> + 1; its kind is None otherwise.</summary>
    public required Divergence Divergence { get; init; }

    public bool HasDiverged => Divergence.Kind != DivergenceKind.None;
}
