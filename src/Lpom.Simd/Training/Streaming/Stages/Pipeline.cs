using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>
/// Stages of layers, after [L20]: batches flow up and down through the stages, each at another one. The caller's thread serves the first
/// stages. At most as many batches as there are slots are in flight, and a stage holds one fewer than the one below it, but one: a batch is
/// fed forward by weights that lack the steps of those alone that the stage holds. Where stages are paced (synchronous-parallel), each
/// holds as many as it may, and all batches are finished after every <see cref="BatchPipeline.Window"/>: their order is always the same. Else
/// (asynchronous-parallel) each does what is ready.
/// </summary>
internal sealed class Pipeline : BatchPipeline
{
    private readonly Stage[] _stages;
    private readonly BatchSlot[] _slots;
    private readonly StageThreads _threads;
    private readonly StageGroup _own;
    private readonly bool _isPaced;
    private int _taken, _ended, _drained;
    private bool _disposed;

    /// <summary>Makes the slots and starts the threads.</summary>
    /// <param name="layers">The trainer's.</param>
    /// <param name="plan">The layers of each stage.</param>
    /// <param name="inFlight">The most batches at once.</param>
    /// <param name="settings">What stages need to know.</param>
    /// <param name="threads">At once, with the caller's.</param>
    /// <param name="width">Of the vectors.</param>
    public Pipeline(StreamingLayer[] layers, RowRange[] plan, int inFlight, PipelineSettings settings, int threads, SimdWidth width)
    {
        _isPaced = settings.IsPaced;
        _slots = [.. Enumerable.Range(0, inFlight).Select(i => new BatchSlot(layers, isFirst: i == 0, settings.Part, settings.Options.MaxBatch, new BatchReport(settings.Part.Layers)))];
        int ofProducts = Math.Max(1, threads / plan.Length);
        _stages = [.. plan.Select((range, i) => new Stage(range, _slots, Math.Max(1, inFlight - i), settings, ofProducts, width))];
        StageGroup[] groups = Groups(Math.Min(threads, plan.Length));
        _own = groups[0];
        _threads = new StageThreads(groups);
    }

    /// <summary>Sends the threads of a pipeline home that nobody disposed.</summary>
    ~Pipeline() => _threads?.Stop();

    /// <inheritdoc />
    public override KernelContext Context => _stages[0].Context;

    /// <summary>Blocks of layers.</summary>
    public int Stages => _stages.Length;

    /// <summary>The most weight steps that a batch fed forward has lacked in each stage; when no batch is in flight.</summary>
    public int[] LargestDelays => [.. _stages.Select(stage => stage.LargestDelay)];

    /// <inheritdoc />
    public override bool CanPause => !_isPaced || _drained == _taken;

    /// <inheritdoc />
    public override bool IsDue => IsFull || (!_isPaced && _ended < _taken && IsFinished(_ended));

    private bool IsFull => _taken - _ended == _slots.Length;

    /// <inheritdoc />
    public override void Advance()
    {
        _own.Work();
        GC.KeepAlive(this);
    }

    /// <inheritdoc />
    public override BatchReport? End()
    {
        if (_ended == _taken) return null;
        // Paced stages hold their batches until there are enough.
        if (_isPaced && !IsFull) Drain();
        Finish(_ended);
        return _slots[_ended++ % _slots.Length].Report;
    }

    /// <inheritdoc />
    public override BatchSlot Begin()
    {
        if (IsFull) throw new InvalidOperationException("As many batches are in flight as there may be.");
        return _slots[_taken % _slots.Length];
    }

    /// <inheritdoc />
    public override void Feed()
    {
        _stages[0].Offered = ++_taken;
        Advance();
        if (_isPaced && _taken - _drained == Window) Drain();
    }

    /// <inheritdoc />
    public override void Drain()
    {
        if (_drained == _taken) return;
        FinishAfter(_taken);
        Finish(_taken - 1);
        FinishAfter(-1);
        _drained = _taken;
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
    public override void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _threads.Dispose();
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

    private void FinishAfter(int batches)
    {
        foreach (Stage stage in _stages) stage.FinishAfter(batches);
        _threads.Raise();
    }

    private void Finish(int batch)
    {
        while (true)
        {
            int seen = _own.Signal.Generation;
            _own.Work();
            if (IsFinished(batch)) break;
            _threads.ThrowIfFailed();
            if (_stages[0].Done <= batch && _stages[0].Wanted == StageOperation.Forward && _stages[0].Fed == _taken) throw new InvalidOperationException("The order is of other batches.");
            _own.Signal.Await(seen);
        }
        GC.KeepAlive(this);
    }

    private StageGroup[] Groups(int count)
    {
        var groups = new StageGroup[count];
        for (int g = 0; g < count; g++)
        {
            int first = g * _stages.Length / count, end = (g + 1) * _stages.Length / count;
            groups[g] = new StageGroup(_stages[first..end]);
            for (int i = first; i < end; i++)
                _stages[i].Connect(i == 0 ? null : _stages[i - 1], i + 1 == _stages.Length ? null : _stages[i + 1], _stages[0], groups[g].Signal);
        }
        return groups;
    }
}
