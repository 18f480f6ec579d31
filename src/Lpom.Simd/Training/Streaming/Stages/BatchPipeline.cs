using Lpom.Simd.Kernels;

namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>Takes batches in and hands out what became of them, in the same order, some later.</summary>
/// <remarks>For one thread at a time; allocates nothing once warm.</remarks>
internal abstract class BatchPipeline : IDisposable
{
    /// <summary>Batches from one time to the next at which all are finished, where their order must not depend on timing.</summary>
    public const int Window = 64;

    /// <summary>What the kernels of the caller's stage run with.</summary>
    public abstract KernelContext Context { get; }

    /// <summary>Whether finishing all batches now leaves the order of later ones as it would be: none is in flight, or any order is welcome.</summary>
    public abstract bool CanPause { get; }

    /// <summary>Whether the oldest batch is finished, or must be before there is room for another.</summary>
    public abstract bool IsDue { get; }

    /// <summary>Does what is ready of the caller's own stages.</summary>
    public abstract void Advance();

    /// <summary>Finishes the oldest batch that has not been handed out, and says what became of it; null if there is none. It stands until the next one begins.</summary>
    public abstract BatchReport? End();

    /// <summary>The memory of the next batch; there is room once the oldest has been handed out.</summary>
    public abstract BatchSlot Begin();

    /// <summary>Lets the batch of <see cref="Begin"/> in.</summary>
    public abstract void Feed();

    /// <summary>Finishes all batches in flight; <see cref="End"/> still hands them out.</summary>
    public abstract void Drain();

    /// <inheritdoc />
    public abstract void Dispose();
}
