namespace Lpom.Cli.Training;

/// <summary>Managed bytes allocated since the start.</summary>
/// <param name="Thread">By this thread, exact.</param>
/// <param name="All">By all threads, the runtime's own among them.</param>
internal readonly record struct AllocatedBytes(long Thread, long All)
{
    public static AllocatedBytes Now => new(GC.GetAllocatedBytesForCurrentThread(), GC.GetTotalAllocatedBytes(precise: true));
}

/// <summary>
/// The managed bytes that a training step allocates: by its own thread over all epochs, by all threads in the epoch of the fewest. The
/// runtime's threads allocate at times, in an epoch or two; what the workers allocated in their steps would show in every one.
/// </summary>
internal struct StepAllocation
{
    private long _threadBytes;
    private long _steps;
    private double? _fewest;

    /// <summary>Bytes per step; 0 before there is an epoch.</summary>
    public readonly double BytesPerStep => _steps == 0 ? 0 : Math.Max((double)_threadBytes / _steps, _fewest!.Value);

    /// <summary>Takes in an epoch's steps.</summary>
    public void Add(AllocatedBytes before, AllocatedBytes after, long steps)
    {
        _threadBytes += after.Thread - before.Thread;
        _steps += steps;
        double all = (double)(after.All - before.All) / steps;
        _fewest = Math.Min(_fewest ?? all, all);
    }
}
