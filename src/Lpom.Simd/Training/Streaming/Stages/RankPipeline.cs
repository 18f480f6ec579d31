using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Training.Distributed;

namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>
/// One stage a rank: what <see cref="Pipeline"/>'s paced stages do, in the same order, with the neighbours in other processes. The ranks
/// learn what became of the batches when all are finished, after every <see cref="BatchPipeline.Window"/>.
/// </summary>
internal sealed class RankPipeline : BatchPipeline
{
    private readonly Stage _stage;
    private readonly BatchSlot[] _slots;
    private readonly BatchReport[] _reports;
    private readonly LayerExchange _exchange;
    private int _taken, _ended, _drained;

    /// <summary>Makes the slots.</summary>
    /// <param name="layers">Those of this rank.</param>
    /// <param name="ranks">All ranks.</param>
    /// <param name="inFlight">The most batches at once, over all ranks.</param>
    /// <param name="settings">What the stage needs to know.</param>
    /// <param name="threads">Of its products.</param>
    /// <param name="width">Of the vectors.</param>
    public RankPipeline(StreamingLayer[] layers, ICommunicator ranks, int inFlight, PipelineSettings settings, int threads, SimdWidth width)
    {
        int mostHeld = Math.Max(1, inFlight - ranks.Rank);
        NetworkPart part = settings.Part;
        _reports = [.. Enumerable.Range(0, Window).Select(_ => new BatchReport(part.Layers))];
        _slots = [.. Enumerable.Range(0, mostHeld).Select(i => new BatchSlot(layers, isFirst: i == 0, part, settings.Options.MaxBatch, _reports[i % Window]))];
        _exchange = new LayerExchange(ranks, part, Window);
        _stage = new Stage(new RowRange(part.FirstLayer, part.Count), _slots, mostHeld, settings, threads, width, _exchange);
    }

    /// <inheritdoc />
    public override KernelContext Context => _stage.Context;

    /// <inheritdoc />
    public override bool CanPause => _drained == _taken;

    /// <inheritdoc />
    public override bool IsDue => _ended < _drained;

    /// <inheritdoc />
    public override void Advance()
    {
    }

    /// <inheritdoc />
    public override BatchReport? End()
    {
        if (_ended == _taken) return null;
        if (_ended == _drained) Drain();
        return _reports[_ended++ % Window];
    }

    /// <inheritdoc />
    public override BatchSlot Begin()
    {
        BatchSlot slot = _slots[_taken % _slots.Length];
        slot.Report = _reports[_taken % Window];
        return slot;
    }

    /// <inheritdoc />
    public override void Feed()
    {
        _taken++;
        _stage.Do(StageOperation.Forward);
        if (_stage.IsFull) _stage.Do(StageOperation.Backward);
        if (_taken - _drained == Window) Drain();
    }

    /// <inheritdoc />
    public override void Drain()
    {
        if (_drained == _taken) return;
        while (_stage.Held > 0) _stage.Do(StageOperation.Backward);
        int first = _drained % Window, count = _taken - _drained, toEnd = Math.Min(count, Window - first);
        ShareReports(first, toEnd);
        ShareReports(0, count - toEnd);
        _drained = _taken;
    }

    /// <inheritdoc />
    public override void Dispose() => _stage.Dispose();

    private void ShareReports(int first, int count)
    {
        if (count > 0) _exchange.Share(_reports.AsSpan(first, count));
    }
}
