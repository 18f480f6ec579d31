namespace Lpom.Cli.Training;

/// <summary>Managed bytes allocated since the start.</summary>
/// <param name="Thread">By this thread, exact.</param>
/// <param name="All">By all threads, the runtime's own among them.</param>
internal readonly record struct AllocatedBytes(long Thread, long All)
{
    public static AllocatedBytes Now => new(GC.GetAllocatedBytesForCurrentThread(), GC.GetTotalAllocatedBytes(precise: true));
}

/// <summary>
/// The managed bytes that a training step allocates: by its own thread over all that is counted, by all threads in the stretch of the fewest.
/// The runtime's threads allocate at times, in an epoch or two; what the workers allocated in their steps would show in every one.
/// </summary>
internal struct StepAllocation
{
    private long _threadBytes;
    private long _steps;
    private double? _fewest;
    private AllocatedBytes _start;
    private long _firstStep;
    private bool _isCounting;

    /// <summary>Bytes per step; 0 before there is an epoch.</summary>
    public readonly double BytesPerStep => _steps == 0 ? 0 : Math.Max((double)_threadBytes / _steps, _fewest!.Value);

    /// <summary>Counts from here on.</summary>
    /// <param name="step">The steps that are done.</param>
    public void Start(long step)
    {
        _firstStep = step;
        _isCounting = true;
        _start = AllocatedBytes.Now;
    }

    /// <summary>Takes in the steps since <see cref="Start"/>, if it counts.</summary>
    /// <param name="step">The steps that are done.</param>
    public void Stop(long step)
    {
        if (!_isCounting)
            return;
        _isCounting = false;
        long steps = step - _firstStep;
        if (steps == 0)
            return;
        AllocatedBytes end = AllocatedBytes.Now;
        _threadBytes += end.Thread - _start.Thread;
        _steps += steps;
        double all = (double)(end.All - _start.All) / steps;
        _fewest = Math.Min(_fewest ?? all, all);
    }
}
