using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Training.Streaming.Asynchronous;

/// <summary>
/// Asynchronous-parallel training, after [L20]: each stage's thread owns its layers, and batches flow up and down through the stages, each
/// at another one. The caller is the first stage's thread. At most as many batches as there are slots are in flight, and a stage holds one
/// fewer than the one below it, but one: a batch is fed forward by weights that lack the steps of those alone that the stage holds.
/// </summary>
/// <remarks>For one thread at a time; allocates nothing once warm.</remarks>
internal sealed class Pipeline : IDisposable
{
    private readonly Stage[] _stages;
    private readonly BatchSlot[] _slots;
    private readonly StageThreads _threads;
    private int _taken, _ended;
    private bool _disposed;

    /// <summary>Makes the slots and starts the threads.</summary>
    /// <param name="layers">The trainer's.</param>
    /// <param name="plan">The layers of each stage.</param>
    /// <param name="inFlight">The most batches at once.</param>
    /// <param name="settings">What stages need to know.</param>
    /// <param name="width">Of the vectors.</param>
    public Pipeline(StreamingLayer[] layers, RowRange[] plan, int inFlight, PipelineSettings settings, SimdWidth width)
    {
        _slots = [.. Enumerable.Range(0, inFlight).Select(i => new BatchSlot(layers, isFirst: i == 0, settings.Options.MaxBatch))];
        _stages = [.. plan.Select((range, i) => new Stage(range, _slots, Math.Max(1, inFlight - i), settings, width))];
        for (int i = 0; i < _stages.Length; i++) _stages[i].Connect(i == 0 ? null : _stages[i - 1], i + 1 == _stages.Length ? null : _stages[i + 1], _stages[0]);
        _threads = new StageThreads(_stages);
    }

    /// <summary>Sends the threads of a pipeline home that nobody disposed.</summary>
    ~Pipeline() => _threads?.Stop();

    /// <summary>What the kernels of the caller's stage run with.</summary>
    public KernelContext Context => _stages[0].Context;

    /// <summary>Blocks of layers.</summary>
    public int Stages => _stages.Length;

    /// <summary>The most weight steps that a batch fed forward has lacked in each stage; when no batch is in flight.</summary>
    public int[] LargestDelays => [.. _stages.Select(stage => stage.LargestDelay)];

    /// <summary>Whether the oldest batch is finished, or must be before there is room for another.</summary>
    public bool IsDue => IsFull || (_ended < _taken && IsFinished(_ended));

    private bool IsFull => _taken - _ended == _slots.Length;

    /// <summary>Does what is ready of the caller's own stage: all that an order asks for before the next batch, or all that can be done.</summary>
    public void Advance()
    {
        while (_stages[0].Wanted == StageOperation.Backward || _stages[0].Next(given: 0) == StageOperation.Backward) TakeBack();
    }

    /// <summary>Finishes the oldest batch that has not been handed out, and hands it out; null if there is none. It stands until the next one begins.</summary>
    public BatchSlot? End()
    {
        if (_ended == _taken) return null;
        Finish(_ended);
        return _slots[_ended++ % _slots.Length];
    }

    /// <summary>The memory of the next batch; there is room once the oldest has been handed out.</summary>
    public BatchSlot Begin()
    {
        if (IsFull) throw new InvalidOperationException("As many batches are in flight as there may be.");
        return _slots[_taken % _slots.Length];
    }

    /// <summary>Feeds the batch of <see cref="Begin"/> forward.</summary>
    public void Feed()
    {
        _taken++;
        if (_stages[0].Wanted == StageOperation.Backward) throw new InvalidOperationException("The order is of other batches.");
        _stages[0].Do(StageOperation.Forward);
        GC.KeepAlive(this);
    }

    /// <summary>Finishes all batches in flight; <see cref="End"/> still hands them out.</summary>
    public void Drain()
    {
        if (_taken > 0) Finish(_taken - 1);
    }

    /// <summary>Writes down the order of the stages' operations from now on.</summary>
    public StageOrder Record()
    {
        var order = new StageOrder(_stages.Length);
        Follow(order, isReplaying: false);
        return order;
    }

    /// <summary>Follows an order from now on; the batches and drains must be those that it was recorded with.</summary>
    public void Replay(StageOrder order) => Follow(order, isReplaying: true);

    /// <inheritdoc />
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _threads.Dispose();
        foreach (Stage stage in _stages) stage.Dispose();
        GC.SuppressFinalize(this);
    }

    // Threads that wait look at the order when they are woken by the next batch, behind a fence.
    private void Follow(StageOrder order, bool isReplaying)
    {
        Drain();
        for (int i = 0; i < _stages.Length; i++) _stages[i].Follow(order[i], isReplaying);
    }

    private bool IsFinished(int batch)
    {
        foreach (Stage stage in _stages)
        {
            if (stage.Done <= batch) return false;
        }
        return true;
    }

    private void Finish(int batch)
    {
        while (_stages[0].Done <= batch) TakeBack();
        for (int seen = _stages[0].Signal.Generation; !IsFinished(batch); seen = _stages[0].Signal.Generation) Await(seen, batch);
        GC.KeepAlive(this);
    }

    private void Await(int seen, int batch)
    {
        _threads.ThrowIfFailed();
        if (!IsFinished(batch)) _stages[0].Signal.Await(seen);
    }

    // The oldest batch that the first stage still has: as soon as its pull has arrived.
    private void TakeBack()
    {
        Stage stage = _stages[0];
        while (true)
        {
            int seen = stage.Signal.Generation;
            if (stage.Next(given: 0) == StageOperation.Backward) break;
            _threads.ThrowIfFailed();
            if (stage.Wanted == StageOperation.Forward) throw new InvalidOperationException("The order is of other batches.");
            stage.Signal.Await(seen);
        }
        stage.Do(StageOperation.Backward);
    }
}
