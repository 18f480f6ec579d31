namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>The threads of all groups of stages but the first, which is its caller's.</summary>
/// <remarks>They hold the stages, not the pipeline, so that one nobody disposed can be collected.</remarks>
internal sealed class StageThreads : IDisposable
{
    private readonly StageGroup[] _groups;
    private readonly Thread[] _threads;
    private volatile bool _stopping;
    private volatile Exception? _failure;

    /// <summary>Starts them.</summary>
    public StageThreads(StageGroup[] groups)
    {
        _groups = groups;
        _threads = [.. groups.Skip(1).Select((group, i) => new Thread(() => Serve(group)) { IsBackground = true, Name = $"lpom stages {i + 2}" })];
        foreach (Thread thread in _threads) thread.Start();
    }

    /// <exception cref="AggregateException">A stage has failed; the batches in flight are lost.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is Exception failure) throw new AggregateException(failure);
    }

    /// <summary>Lets all look again whether there is something to do.</summary>
    public void Raise()
    {
        foreach (StageGroup group in _groups) group.Signal.Raise();
    }

    /// <summary>Ends them after what they are at, whatever is in flight.</summary>
    public void Stop()
    {
        _stopping = true;
        Raise();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Stop();
        foreach (Thread thread in _threads) thread.Join();
        foreach (StageGroup group in _groups) group.Dispose();
    }

    private void Serve(StageGroup group)
    {
        try
        {
            while (!_stopping)
            {
                int seen = group.Signal.Generation;
                group.Work();
                if (!_stopping) group.Signal.Await(seen);
            }
        }
        catch (Exception e)
        {
            _failure = e;
            _groups[0].Signal.Raise();
        }
    }
}
