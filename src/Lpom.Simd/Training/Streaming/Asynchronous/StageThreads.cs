namespace Lpom.Simd.Training.Streaming.Asynchronous;

/// <summary>The threads of all stages but the first, which is its caller's.</summary>
/// <remarks>They hold the stages, not the pipeline, so that one nobody disposed can be collected.</remarks>
internal sealed class StageThreads : IDisposable
{
    private readonly Stage[] _stages;
    private readonly Thread[] _threads;
    private volatile bool _stopping;
    private volatile Exception? _failure;

    /// <summary>Starts them.</summary>
    public StageThreads(Stage[] stages)
    {
        _stages = stages;
        _threads = [.. stages.Skip(1).Select((stage, i) => new Thread(() => Serve(stage)) { IsBackground = true, Name = $"lpom stage {i + 2}" })];
        foreach (Thread thread in _threads) thread.Start();
    }

    /// <exception cref="AggregateException">A stage has failed; the batches in flight are lost.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is Exception failure) throw new AggregateException(failure);
    }

    /// <summary>Ends them after what they are at, whatever is in flight.</summary>
    public void Stop()
    {
        _stopping = true;
        foreach (Stage stage in _stages) stage.Signal.Raise();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Stop();
        foreach (Thread thread in _threads) thread.Join();
    }

    private void Serve(Stage stage)
    {
        try
        {
            while (!_stopping) Advance(stage);
        }
        catch (Exception e)
        {
            _failure = e;
            _stages[0].Signal.Raise();
        }
    }

    private void Advance(Stage stage)
    {
        int seen = stage.Signal.Generation;
        StageOperation next = stage.Next();
        if (next != StageOperation.None) stage.Do(next);
        else if (!_stopping) stage.Signal.Await(seen);
    }
}
