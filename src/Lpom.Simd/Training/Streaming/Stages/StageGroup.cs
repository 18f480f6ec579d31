using Lpom.Simd.Kernels.Threads;

namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>Neighbouring stages that one thread serves.</summary>
internal sealed class StageGroup(Stage[] stages) : IDisposable
{
    /// <summary>Raised when there may be something to do for one of them.</summary>
    public ThreadSignal Signal { get; } = new();

    /// <summary>Does all that can be done; the uppermost first, so that batches leave before others enter.</summary>
    public void Work()
    {
        for (int i = stages.Length - 1; i >= 0; i--)
        {
            StageOperation next = stages[i].Next();
            if (next == StageOperation.None) continue;
            stages[i].Do(next);
            i = stages.Length;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (Stage stage in stages) stage.Dispose();
        Signal.Dispose();
    }
}
