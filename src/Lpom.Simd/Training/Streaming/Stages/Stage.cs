using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>
/// A block of layers: it feeds batches forward through them, and takes their deviations and weight solves. Batches pass in one order, so
/// that counts of them say where each is; a stage writes its own counts alone.
/// </summary>
internal sealed class Stage : IDisposable
{
    private readonly RowRange _layers;
    private readonly BatchSlot[] _slots;
    private readonly PipelineSettings _settings;
    private readonly StreamingWeightSolve _solve;
    private readonly SharedMatrix _scratch = new();
    private readonly int _mostHeld;
    private readonly LayerExchange? _exchange;
    private Stage? _below, _above, _bottom;
    private ThreadSignal? _signal;
    private List<StageOperation>? _order;
    private bool _isReplaying;
    private int _replayed;
    private int _fed, _pulled, _done, _last = -1;

    /// <param name="layers">Its layers.</param>
    /// <param name="slots">Batch t is in that of t modulo their number.</param>
    /// <param name="mostHeld">The most batches that it has fed forward and is not done with; one more than the steps that a batch's weights may lack.</param>
    /// <param name="settings">Of all stages.</param>
    /// <param name="threads">Of its products.</param>
    /// <param name="width">Of the vectors.</param>
    /// <param name="exchange">With the ranks that have the layers below and above; null where those are here.</param>
    public Stage(RowRange layers, BatchSlot[] slots, int mostHeld, PipelineSettings settings, int threads, SimdWidth width, LayerExchange? exchange = null)
    {
        (_layers, _slots, _mostHeld, _settings, _exchange) = (layers, slots, mostHeld, settings, exchange);
        Context = new KernelContext(threads, width);
        StreamingLayer[] own = [.. Enumerable.Range(layers.First, layers.Count).Select(i => slots[0][i])];
        _solve = new StreamingWeightSolve(own, DelayedSteps.Bounded(settings.Options, delay: mostHeld - 1), settings.FirstLambda);
        foreach (StreamingLayer layer in own)
        {
            if (layer.Gram is RunningGram gram) _scratch.Reserve(gram.Size, gram.Size);
            if (settings.Options.AdaptiveMu) _scratch.Reserve(settings.Options.MaxBatch, layer.Outputs);
        }
    }

    /// <summary>What its kernels run with.</summary>
    public KernelContext Context { get; }

    /// <summary>Batches that it has fed forward.</summary>
    public int Fed => Volatile.Read(ref _fed);

    /// <summary>Batches whose deviations it has handed down.</summary>
    public int Pulled => Volatile.Read(ref _pulled);

    /// <summary>Batches that it is done with, and whose memory it does not touch any more.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>Batches that the caller has offered to the first stage.</summary>
    public int Offered { get; set; }

    /// <summary>The most weight steps that a batch fed forward has lacked.</summary>
    public int LargestDelay { get; private set; }

    /// <summary>Batches that it has fed forward and is not done with.</summary>
    public int Held => _fed - _done;

    /// <summary>Whether it holds as many batches as it may.</summary>
    public bool IsFull => Held == _mostHeld;

    private bool IsTop => _layers.First + _layers.Count == _settings.Part.Layers;

    private int LastOfAll => _settings.Part.Layers - 1;

    /// <summary>Puts it between others.</summary>
    /// <param name="below">Null for the first.</param>
    /// <param name="above">Null for the last.</param>
    /// <param name="bottom">The first, whose thread waits for the ends of batches.</param>
    /// <param name="signal">Of the group that it is served in.</param>
    public void Connect(Stage? below, Stage? above, Stage bottom, ThreadSignal signal) => (_below, _above, _bottom, _signal) = (below, above, bottom, signal);

    /// <summary>Says how many batches there are before all are finished; -1 where more may come.</summary>
    public void FinishAfter(int batches) => Volatile.Write(ref _last, batches);

    /// <summary>Starts on an order: writes it down, or follows it from its beginning as far as it goes.</summary>
    public void Follow(List<StageOperation> order, bool isReplaying) => (_order, _isReplaying, _replayed) = (order, isReplaying, 0);

    /// <summary>What may be done now: deviations first, so that batches leave before others enter.</summary>
    public StageOperation Next()
    {
        bool mayPull = !_settings.IsPaced || IsFull || _fed == Volatile.Read(ref _last);
        bool canPull = mayPull && Held > 0 && (_above is null || _above.Pulled > _done);
        bool canFeed = !IsFull && (_below?.Fed ?? Offered) > _fed;
        StageOperation wanted = Wanted;
        if (canPull && wanted != StageOperation.Forward) return StageOperation.Backward;
        return canFeed && wanted != StageOperation.Backward ? StageOperation.Forward : StageOperation.None;
    }

    /// <summary>The next operation of the order that is followed; none when any is welcome.</summary>
    public StageOperation Wanted => _isReplaying && _replayed < _order!.Count ? _order[_replayed] : StageOperation.None;

    /// <summary>Does what may be done, as <see cref="Next"/> says.</summary>
    public void Do(StageOperation operation)
    {
        if (_isReplaying) _replayed++;
        else _order?.Add(operation);
        if (operation == StageOperation.Forward) FeedForward(_slots[_fed % _slots.Length]);
        else TakeDeviations(_slots[_done % _slots.Length]);
    }

    /// <inheritdoc />
    public void Dispose() => Context.Dispose();

    private void FeedForward(BatchSlot slot)
    {
        LargestDelay = Math.Max(LargestDelay, Held);
        _exchange?.ReceiveInput(slot);
        for (int i = _layers.First; i < _layers.First + _layers.Count; i++)
        {
            LayerPart layer = slot.On(i);
            Gemm.Multiply(Context, GemmForm.NT, layer.Input, layer.Weights, layer.Product);
            if (i < LastOfAll) layer.Activation.Apply(Context, layer.Product, slot.InputOf(i + 1).SliceCols(0, layer.Units.Count));
            _exchange?.Progress();
        }
        _exchange?.SendOutput(slot);
        Volatile.Write(ref _fed, _fed + 1);
        _above?._signal!.Raise();
    }

    private void TakeDeviations(BatchSlot slot)
    {
        _exchange?.ReceivePull(slot);
        if (IsTop) MeasureLoss(slot);
        if (!slot.IsDead) UpdateDeviations(slot);
        if (!slot.IsDead && _layers.First > 0) Pull(slot, _layers.First - 1);
        _exchange?.SendPull(slot);
        // A batch may be dead below this stage alone.
        bool isDead = slot.IsDead;
        Volatile.Write(ref _pulled, _pulled + 1);
        _below?._signal!.Raise();
        if (!isDead) UpdateWeights(slot);
        Volatile.Write(ref _done, _done + 1);
        _bottom?._signal!.Raise();
    }

    private void MeasureLoss(BatchSlot slot)
    {
        MatrixView product = slot.On(LastOfAll).Product;
        BatchReport report = slot.Report;
        report.Loss = Objective.Loss(Context, product, slot.Targets, _settings.Loss) / slot.Rows;
        report.Objective = _settings.IsSmoothed ? Objective.Loss(Context, product, slot.SmoothedTargets, _settings.Loss) / slot.Rows : report.Loss;
        if (!double.IsFinite(report.Loss)) Report(slot, LastOfAll, DivergenceKind.NotFinite);
    }

    private static void Report(BatchSlot slot, int layer, DivergenceKind kind)
    {
        slot.Report.Found[layer] = new Divergence(kind, layer + 1, 0);
        slot.IsDead = true;
    }

    private void UpdateDeviations(BatchSlot slot)
    {
        for (int i = _layers.First + _layers.Count - 1; i >= _layers.First; i--)
        {
            UpdateDeviation(slot, i);
            _exchange?.Progress();
            LayerPart layer = slot.On(i);
            slot.Report.Residuals[i] = Math.Sqrt(Reduce.SumSquares(Context, layer.Deviation) / ((double)slot.Rows * layer.Units.Count));
            if (double.IsFinite(slot.Report.Residuals[i])) continue;
            Report(slot, i, DivergenceKind.NotFinite);
            return;
        }
    }

    private void UpdateDeviation(BatchSlot slot, int i)
    {
        LayerPart layer = slot.On(i);
        if (i == LastOfAll)
        {
            TargetUpdate.Output(Context, layer, _settings.IsSmoothed ? slot.SmoothedTargets : slot.Targets, _settings.Loss, 1 / _settings.Options.Mu);
            return;
        }
        // The stage above has handed down the pull of this stage's last layer.
        if (i < _layers.First + _layers.Count - 1) Pull(slot, i);
        if (_settings.Options.AdaptiveMu) MoveAdaptively(layer, slot.InputOf(i + 1));
        else TargetUpdate.Move(Context, layer, slot.InputOf(i + 1), layer.Deviation, 1f);
    }

    // The product lands where the deviation will stand.
    private void Pull(BatchSlot slot, int i)
    {
        LayerPart above = slot.On(i + 1);
        Gemm.Multiply(Context, GemmForm.NN, above.Deviation, above.WeightsWithoutBias, slot.DeviationOf(i));
    }

    private void MoveAdaptively(LayerPart layer, MatrixView activations)
    {
        MatrixView pull = _scratch.View(layer.Deviation.Rows, layer.Deviation.Cols);
        layer.Deviation.CopyTo(pull);
        TargetUpdate.Move(Context, layer, activations, pull, 1f);
        double count = (double)pull.Rows * pull.Cols;
        TargetUpdate.Move(Context, layer, activations, pull, TargetUpdate.Ratio(Reduce.SumSquares(Context, layer.Deviation), count, 1 / _settings.Options.Mu));
    }

    // Every Gram matrix of the stage is factored before one of its weights changes.
    private void UpdateWeights(BatchSlot slot)
    {
        int end = _layers.First + _layers.Count;
        bool isWhole = true;
        for (int i = _layers.First; i < end; i++) isWhole &= UpdateGram(slot, i);
        for (int i = _layers.First; i < end && isWhole; i++)
        {
            if (SolveWeights(slot, i)) _settings.Average?.Add(Context, i - _settings.Part.FirstLayer, slot[i], new RowRange(0, slot[i].Outputs), _settings.Options.FirstStep + slot.Step);
        }
    }

    private bool UpdateGram(BatchSlot slot, int i)
    {
        _exchange?.Progress();
        if (slot[i].Gram is not RunningGram gram) return true;
        if (_settings.MetricSchedule.AddsToGram(slot.Step)) gram.Add(Context, slot[i].Input, _settings.Options.GramRate);
        if (!slot.Refreshes || gram.Refresh(Context, _settings.Options.Damping, _scratch.View(gram.Size, gram.Size))) return true;
        slot.Report.Found[i] = new Divergence(DivergenceKind.SingularGram, i + 1, 0);
        return false;
    }

    private bool SolveWeights(BatchSlot slot, int i)
    {
        _exchange?.Progress();
        if (_solve.Solve(Context, slot[i], slot.Scale)) return true;
        slot.Report.Found[i] = new Divergence(DivergenceKind.NotFinite, i + 1, 0);
        return false;
    }
}
