using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Distributed;
using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training.Streaming;

/// <summary>
/// STAGE 5 in streaming mode: feed forward, targets from the top down (<see cref="TargetUpdate"/>), one weight solve per layer in the
/// metric of all the data seen (<see cref="StreamingWeightSolve"/>). The first layer's metric is that of the training rows, known before
/// training: it trains on whitened rows.
/// </summary>
public sealed partial class StreamingTrainer : RowTrainer
{
    private readonly StreamingOptions _options;
    private readonly LayerRanks? _blocks;
    private readonly InputMetric? _metric;
    private readonly StreamingLayer[] _layers;
    private readonly StreamingWeightSolve[] _solves;
    private readonly SharedMatrix[] _scratch;
    private readonly LayerShares _shares;
    private readonly DivergenceKind[] _found;

    // Parts of a step that workers take, and what they need to know of it.
    private readonly Action<KernelContext, int, int> _updateGram, _solveWeights;
    private readonly Action<KernelContext, RowRange> _updateOutput, _pull, _move;
    private readonly MatrixAt _solved, _velocities;
    private readonly double[] _predicted;
    private readonly StateBroadcast? _broadcast;
    private readonly int[] _problems;
    private int _stepNumber;
    private bool _refreshes;
    private float _scale, _ratio;
    private int _pulledLayer;
    private readonly MetricSchedule _metricSchedule;
    private bool _isRefreshHeld;

    /// <summary>Reads the rows for the scaling and the metric of the first layer, and allocates everything that training needs.</summary>
    /// <param name="start">The network to start from, on the rows as they are; it stays as it is.</param>
    /// <param name="options">The settings.</param>
    /// <param name="rows">The training rows; read now, and by <see cref="RowTrainer.StepOnRows(ReadOnlySpan{int}, ReadOnlySpan{int})"/>.</param>
    /// <param name="scaling">How the rows are scaled; null to choose by the rows.</param>
    /// <param name="ranks">The processes that share every step, each with a trainer of the same start, options and rows; null for this one alone. The weights are one process's but for rounding, with the same bits on every rank and in every run of as many.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range.</exception>
    /// <exception cref="ArgumentException">
    /// Rows or a scaling of another width than the network's inputs, rows that are all the same, not finite or too small to scale; an
    /// output that is not linear.
    /// </exception>
    public StreamingTrainer(Network start, StreamingOptions options, ISampleRows rows, InputScaling? scaling = null, ICommunicator? ranks = null)
        : this(Checked(start, rows), options.Validated(), rows, ScalingFor(rows, scaling, options.Threads), LayersOf(start, options, firstLayer: 0), ranks, blocks: null)
    {
    }

    /// <summary>A trainer of some of a network's layers, while other ranks train the others. The weights are those of one process with as many blocks.</summary>
    /// <param name="start">This rank's block of the network to start from, on the rows as they are, <see cref="LayerRanks.BlockOf"/>; it stays as it is.</param>
    /// <param name="options">The settings, the same on all ranks; <see cref="StreamingOptions.Parallelism"/> has no meaning here.</param>
    /// <param name="rows">The training rows, the same on all ranks.</param>
    /// <param name="blocks">The blocks. Every rank makes the same calls of its trainer; steps report of batches when all in flight are finished, some 64 later.</param>
    /// <param name="scaling">How the rows are scaled; null to choose by the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range.</exception>
    /// <exception cref="ArgumentException">
    /// Not this rank's block; rows or a scaling of another width than the network's inputs, rows that are all the same, not finite or too
    /// small to scale; an output that is not linear.
    /// </exception>
    public StreamingTrainer(Network start, StreamingOptions options, ISampleRows rows, LayerRanks blocks, InputScaling? scaling = null)
        : this(Checked(start, rows, blocks), options.Validated(), rows, ScalingFor(rows, scaling, options.Threads), LayersOf(start, options, blocks.FirstLayer), ranks: null, blocks)
    {
    }

    private StreamingTrainer(Network start, StreamingOptions options, ISampleRows rows, InputScaling scaling, StreamingLayer[] layers, ICommunicator? ranks, LayerRanks? blocks)
        : base(start, rows, scaling, layers, options.OnRows, ranks, blocks)
    {
        (_options, _layers, _blocks) = (options, layers, blocks);
        if (blocks?.HasFirstLayer ?? true)
        {
            _metric = InputMetric.Fit(Context, ScaledRows, options.EffectiveDimension);
            _metric.Reserve(options.MaxBatch);
            _metric.ToWhitened(Context, layers[0].Weights.View);
        }
        _scratch = new SharedMatrix[Math.Max(1, Work.Workers)];
        // With ranks, every layer's is kept until it has gone round.
        _solves = new StreamingWeightSolve[Ranks is null ? _scratch.Length : _layers.Length];
        _shares = LayerShares.Of([.. _layers.Select(CostOf)], Work.Workers);
        _metricSchedule = blocks?.MetricSchedule ?? MetricSchedule.Of(_layers.Max(layer => layer.Outputs));
        _pipeline = CreatePipeline();
        // Each stage of a pipeline has memory of its own.
        for (int worker = 0; worker < _scratch.Length && _pipeline is null; worker++) Reserve(worker);
        for (int i = 0; i < _layers.Length && Ranks is not null; i++) _solves[i] = new StreamingWeightSolve([_layers[i]], _options, FirstLambda);
        if (Ranks is not null) _broadcast = new StateBroadcast(Ranks.Ranks);
        (_problems, _predicted) = (new int[_layers.Length], new double[_layers.Length]);
        foreach (StreamingLayer layer in _layers) layer.Gram?.Inverse.Reserve(options.MaxBatch);
        _found = new DivergenceKind[_layers.Length];
        (_updateGram, _solveWeights) = (UpdateGram, SolveWeights);
        (_updateOutput, _pull, _move) = (UpdateOutput, PullLayer, Move);
        (_solved, _velocities) = (SolvedAt, i => _layers[i].Velocity.View);
    }

    /// <summary>Whether the next step makes the inverses of the running Gram matrices anew, which takes many times as long as a step without.</summary>
    internal bool IsRefreshDue => _layers.Length > 1 && (_isRefreshHeld || _metricSchedule.Refreshes(NextStep));

    /// <summary>Whether steps leave the inverses as they are; they are due then until a step makes them.</summary>
    internal bool HoldsRefreshes { get; set; }

    /// <summary>A factor of every weight step, beside the schedule's.</summary>
    internal float StepScale { get; set; } = 1f;

    private static StreamingLayer[] LayersOf(Network start, in StreamingOptions options, int firstLayer)
    {
        int maxBatch = options.MaxBatch;
        return [.. start.Layers.Select((layer, i) => new StreamingLayer(layer, maxBatch, isFirst: firstLayer + i == 0))];
    }

    private static Network Checked(Network start, ISampleRows rows, LayerRanks blocks)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(blocks);
        blocks.Check(start, nameof(start));
        return rows.Features == blocks.Widths[0] ? start : throw new ArgumentException($"The rows have {rows.Features} values, the network takes {blocks.Widths[0]}.", nameof(rows));
    }

    /// <inheritdoc />
    public override void CollectState()
    {
        _pipeline?.Drain();
        base.CollectState();
        if (Ranks is null) return;
        Ranks.GatherRows(_velocities, _layers.Length);
        for (int i = 0; i < _layers.Length; i++) Broadcast(i, inverse: false);
    }

    internal override void VisitState(IStateVisitor state)
    {
        _pipeline?.Drain();
        base.VisitState(state);
        foreach (StreamingLayer layer in _layers)
        {
            state.Visit(layer.Velocity.View);
            layer.Gram?.VisitState(state);
        }
        state.Visit(ref _isRefreshHeld);
    }

    private protected override ReadOnlyMatrixView TrainedWeights(int layer)
    {
        ReadOnlyMatrixView weights = base.TrainedWeights(layer);
        if (layer > 0 || _metric is null) return weights;
        var folded = new Matrix(weights.Rows, weights.Cols);
        weights.CopyTo(folded.View);
        _metric.FromWhitened(Context, folded.View);
        return folded.View;
    }

    private protected override void PrepareInputs() => _metric!.Whiten(Context, _layers[0].Input);

    // λ of the first layer; of no meaning without it.
    private float FirstLambda => _metric?.Lambda ?? 0;

    // The ratio of penalties, eq. (9), is of all rows.
    private protected override bool IsByRows => !_options.AdaptiveMu;

    private protected override void UpdateDeviations(KernelContext context, RowRange rows)
    {
        UpdateOutput(context, rows);
        for (int i = _layers.Length - 2; i >= 0; i--)
        {
            // The product lands where the deviation will stand.
            MatrixView pull = On(i, rows).Deviation;
            Pull(context, i, rows, pull);
            TargetUpdate.Move(context, On(i, rows), On(i + 1, rows).Input, pull, 1f);
        }
    }

    private protected override void UpdateAllDeviations()
    {
        var all = new RowRange(0, Rows);
        Work.ForRows(_updateOutput, all);
        for (int i = _layers.Length - 2; i >= 0; i--)
        {
            _pulledLayer = i;
            Work.ForRows(_pull, all);
            _ratio = TargetUpdate.Ratio(SumSquares(i), (double)Rows * _layers[i].Outputs, 1 / _options.Mu);
            Work.ForRows(_move, all);
        }
    }

    private double SumSquares(int layer)
    {
        double ofUnits = Reduce.SumSquares(Context, On(layer, new RowRange(0, Rows)).Deviation);
        if (!IsShared(layer)) return ofUnits;
        Span<double> sum = [ofUnits];
        Ranks!.Sum(sum);
        return sum[0];
    }

    private void UpdateOutput(KernelContext context, RowRange rows) =>
        TargetUpdate.Output(context, OutputOn(rows), SmoothedTargets.SliceRows(rows.First, rows.Count), Start.Loss, 1 / _options.Mu);

    private void PullLayer(KernelContext context, RowRange rows)
    {
        MatrixView pull = PullOn(rows);
        Pull(context, _pulledLayer, rows, pull);
        TargetUpdate.Move(context, On(_pulledLayer, rows), On(_pulledLayer + 1, rows).Input, pull, 1f);
    }

    private void Move(KernelContext context, RowRange rows) =>
        TargetUpdate.Move(context, On(_pulledLayer, rows), On(_pulledLayer + 1, rows).Input, PullOn(rows), _ratio);

    private MatrixView PullOn(RowRange rows) => _scratch[0].View(Rows, UnitsOf(_pulledLayer).Count).SliceRows(rows.First, rows.Count);

    // Every Gram matrix is factored before a weight changes, so that a failure leaves the weights whole; only a direction that overflows
    // is found when the other layers take theirs.
    private protected override Divergence UpdateWeights(int step, double objective)
    {
        (_stepNumber, _refreshes, _scale) = (step, TakeRefresh(step), ScaleOf(step));
        Divergence divergence = ForLayers(_updateGram, objective);
        if (Ranks is not null) divergence = ShareMetrics(Ranks.Ranks, objective);
        if (divergence.Kind != DivergenceKind.None) return divergence;
        return Ranks is null ? ForLayers(_solveWeights, objective) : SolveTogether(Ranks, objective);
    }

    // Whether the step makes the inverses anew, or leaves them to one after it.
    private bool TakeRefresh(int step)
    {
        bool isDue = _isRefreshHeld || _metricSchedule.Refreshes(step);
        _isRefreshHeld = isDue && HoldsRefreshes;
        return isDue && !HoldsRefreshes;
    }

    private float ScaleOf(int step) => StepScale * _options.ScaleAt(_options.FirstStep + step);

    // Each metric is one rank's work, and its inverse goes round.
    private Divergence ShareMetrics(ICommunicator ranks, double objective)
    {
        if (!_refreshes) return default;
        for (int i = 0; i < _found.Length; i++) _problems[i] = (int)_found[i];
        ranks.Max(_problems);
        for (int i = 0; i < _found.Length; i++) _found[i] = (DivergenceKind)_problems[i];
        Divergence divergence = Topmost(objective);
        for (int i = 0; i < _layers.Length && divergence.Kind == DivergenceKind.None; i++) Broadcast(i, inverse: true);
        return divergence;
    }

    private void Broadcast(int layer, bool inverse)
    {
        if (_layers[layer].Gram is not RunningGram gram) return;
        _broadcast!.Root = OwnerOf(layer);
        if (inverse) gram.Inverse.VisitState(_broadcast);
        else gram.VisitState(_broadcast);
    }

    private Divergence SolveTogether(RankGroup ranks, double objective)
    {
        for (int i = 0; i < _layers.Length; i++) _solves[i].Begin(Context, _layers[i], UnitsOf(i), IsShared(i) ? ranks.Share(Rows) : new RowRange(0, Rows));
        ranks.GatherRows(_solved, 2 * _layers.Length);
        for (int i = 0; i < _layers.Length; i++) _predicted[i] = CountedOnce(i, _solves[i].Predicted(Context, _layers[i], UnitsOf(i)));
        ranks.Sum(_predicted);
        for (int i = 0; i < _layers.Length; i++) _found[i] = Kind(_solves[i].End(Context, _layers[i], UnitsOf(i), _predicted[i], _scale));
        return Topmost(objective);
    }

    // What the first part of the weight solves made by rows: of the layers that are divided, each matrix in turn.
    private MatrixView SolvedAt(int index)
    {
        (int layer, int isProduct) = Math.DivRem(index, 2);
        if (!IsShared(layer)) return default;
        return isProduct == 1 ? _solves[layer].InputProducts(_layers[layer]) : _solves[layer].Inputs(_layers[layer]);
    }

    // From the top, so that the output layer's, which is often the only other large one, is not the first hidden one's.
    private int OwnerOf(int layer) => (_layers.Length - 1 - layer) % (Ranks?.Ranks.Size ?? 1);

    private static DivergenceKind Kind(bool isFinite) => isFinite ? DivergenceKind.None : DivergenceKind.NotFinite;

    private Divergence ForLayers(Action<KernelContext, int, int> work, double objective)
    {
        // To the end also where one fails: what the others do must not depend on the order.
        foreach (int layer in _shares.Split) work(Context, 0, layer);
        Work.ForLayers(work, _shares.Whole);
        return Topmost(objective);
    }

    private Divergence Topmost(double objective)
    {
        for (int i = _found.Length - 1; i >= 0; i--)
        {
            if (_found[i] != DivergenceKind.None) return new Divergence(_found[i], i + 1, objective);
        }
        return default;
    }

    private void UpdateGram(KernelContext context, int worker, int layer)
    {
        _found[layer] = DivergenceKind.None;
        if (_layers[layer].Gram is not RunningGram gram || (Ranks is not null && OwnerOf(layer) != Ranks.Ranks.Rank)) return;
        if (_metricSchedule.AddsToGram(_stepNumber)) gram.Add(context, _layers[layer].Input, _options.GramRate);
        if (_refreshes && !gram.Refresh(context, _options.Damping, _scratch[worker].View(gram.Size, gram.Size))) _found[layer] = DivergenceKind.SingularGram;
    }

    private void SolveWeights(KernelContext context, int worker, int layer) =>
        _found[layer] = Kind(_solves[worker].Solve(context, _layers[layer], _scale));

    // The gradient, and the product with the metric and its update, which every few steps has.
    private long CostOf(StreamingLayer layer)
    {
        long inputs = layer.Inputs + 1;
        return _options.MaxBatch * inputs * (layer.Gram is null ? layer.Outputs : layer.Outputs + inputs);
    }

    private void Reserve(int worker)
    {
        // The first does the layers that all workers do together, too.
        int[] layers = worker == 0 ? [.. Enumerable.Range(0, _layers.Length)] : _shares.Whole;
        if (Ranks is null) _solves[worker] = new StreamingWeightSolve([.. layers.Select(layer => _layers[layer])], _options, FirstLambda);
        _scratch[worker] = new SharedMatrix();
        foreach (int layer in layers)
        {
            if (_layers[layer].Gram is RunningGram gram) _scratch[worker].Reserve(gram.Size, gram.Size);
            if (_options.AdaptiveMu && worker == 0) _scratch[worker].Reserve(_options.MaxBatch, _layers[layer].Outputs);
        }
    }
}
