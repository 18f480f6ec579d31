using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training.Streaming;

/// <summary>
/// STAGE 5 in streaming mode: feed forward, targets from the top down (<see cref="TargetUpdate"/>), one weight solve per layer in the
/// metric of all the data seen (<see cref="StreamingWeightSolve"/>). The first layer's metric is that of the training rows, known before
/// training: it trains on whitened rows.
/// </summary>
public sealed class StreamingTrainer : RowTrainer
{
    // Layers this wide refresh half as often: their Gram matrices and inverses cost most.
    private const int WideUnits = 1000;
    private const int FirstGramSteps = 10;

    private readonly StreamingOptions _options;
    private readonly InputMetric _metric;
    private readonly StreamingLayer[] _layers;
    private readonly StreamingWeightSolve[] _solves;
    private readonly SharedMatrix[] _scratch;
    private readonly LayerShares _shares;
    private readonly DivergenceKind[] _found;

    // Parts of a step that workers take, and what they need to know of it.
    private readonly Action<KernelContext, int, int> _updateGram, _solveWeights;
    private readonly Action<KernelContext, RowRange> _pull, _move;
    private int _stepNumber;
    private bool _refreshes;
    private float _scale, _ratio;
    private int _pulledLayer;
    private readonly int _gramEvery;
    private readonly int _refreshEvery;
    private bool _isRefreshHeld;

    /// <summary>Reads the rows for the scaling and the metric of the first layer, and allocates everything that training needs.</summary>
    /// <param name="start">The network to start from, on the rows as they are; it stays as it is.</param>
    /// <param name="options">The settings.</param>
    /// <param name="rows">The training rows; read now, and by <see cref="RowTrainer.StepOnRows(ReadOnlySpan{int}, ReadOnlySpan{int})"/>.</param>
    /// <param name="scaling">How the rows are scaled; null to choose by the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range.</exception>
    /// <exception cref="ArgumentException">
    /// Rows or a scaling of another width than the network's inputs, rows that are all the same, not finite or too small to scale; an
    /// output that is not linear.
    /// </exception>
    public StreamingTrainer(Network start, StreamingOptions options, ISampleRows rows, InputScaling? scaling = null)
        : this(Checked(start, rows), options.Validated(), rows, ScalingFor(rows, scaling, options.Threads), [.. start.Layers.Select((layer, i) => new StreamingLayer(layer, options.MaxBatch, isFirst: i == 0))])
    {
    }

    private StreamingTrainer(Network start, StreamingOptions options, ISampleRows rows, InputScaling scaling, StreamingLayer[] layers)
        : base(start, rows, scaling, layers, options.OnRows)
    {
        _options = options;
        _layers = layers;
        _metric = InputMetric.Fit(Context, ScaledRows, options.EffectiveDimension);
        _metric.Reserve(options.MaxBatch);
        _metric.ToWhitened(Context, layers[0].Weights.View);
        (_solves, _scratch) = (new StreamingWeightSolve[Math.Max(1, Work.Workers)], new SharedMatrix[Math.Max(1, Work.Workers)]);
        _shares = LayerShares.Of([.. _layers.Select(CostOf)], Work.Workers);
        for (int worker = 0; worker < _solves.Length; worker++) Reserve(worker);
        foreach (StreamingLayer layer in _layers) layer.Gram?.Inverse.Reserve(options.MaxBatch);
        _found = new DivergenceKind[_layers.Length];
        (_updateGram, _solveWeights, _pull, _move) = (UpdateGram, SolveWeights, Pull, Move);
        bool isWide = _layers.Any(l => l.Outputs >= WideUnits);
        (_gramEvery, _refreshEvery) = isWide ? (8, 100) : (4, 50);
    }

    /// <summary>Whether the next step makes the inverses of the running Gram matrices anew, which takes many times as long as a step without.</summary>
    internal bool IsRefreshDue => _layers.Length > 1 && (_isRefreshHeld || IsRefreshStep(NextStep));

    /// <summary>Whether steps leave the inverses as they are; they are due then until a step makes them.</summary>
    internal bool HoldsRefreshes { get; set; }

    /// <summary>A factor of every weight step, beside the schedule's.</summary>
    internal float StepScale { get; set; } = 1f;

    internal override void VisitState(IStateVisitor state)
    {
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
        if (layer > 0) return weights;
        var folded = new Matrix(weights.Rows, weights.Cols);
        weights.CopyTo(folded.View);
        _metric.FromWhitened(Context, folded.View);
        return folded.View;
    }

    private protected override void PrepareInputs() => _metric.Whiten(Context, _layers[0].Input);

    // The ratio of penalties, eq. (9), is of all rows.
    private protected override bool IsByRows => !_options.AdaptiveMu;

    private protected override void UpdateDeviations(KernelContext context, RowRange rows)
    {
        UpdateOutput(context, rows);
        for (int i = _layers.Length - 2; i >= 0; i--) TargetUpdate.Hidden(context, On(i, rows), On(i + 1, rows));
    }

    private protected override void UpdateAllDeviations()
    {
        UpdateOutput(Context, new RowRange(0, Rows));
        for (int i = _layers.Length - 2; i >= 0; i--)
        {
            _pulledLayer = i;
            Work.ForRows(_pull, Rows);
            _ratio = TargetUpdate.Ratio(Context, _layers[i].Deviation, 1 / _options.Mu);
            Work.ForRows(_move, Rows);
        }
    }

    private void UpdateOutput(KernelContext context, RowRange rows) =>
        TargetUpdate.Output(context, On(_layers.Length - 1, rows), SmoothedTargets.SliceRows(rows.First, rows.Count), Start.Loss, 1 / _options.Mu);

    private void Pull(KernelContext context, RowRange rows)
    {
        MatrixView pull = PullOn(rows);
        TargetUpdate.Pull(context, On(_pulledLayer + 1, rows), pull);
        TargetUpdate.Move(context, On(_pulledLayer, rows), On(_pulledLayer + 1, rows), pull, 1f);
    }

    private void Move(KernelContext context, RowRange rows) =>
        TargetUpdate.Move(context, On(_pulledLayer, rows), On(_pulledLayer + 1, rows), PullOn(rows), _ratio);

    private MatrixView PullOn(RowRange rows) => _scratch[0].View(Rows, _layers[_pulledLayer].Outputs).SliceRows(rows.First, rows.Count);

    // Every Gram matrix is factored before a weight changes, so that a failure leaves the weights whole; only a direction that overflows
    // is found when the other layers take theirs.
    private protected override Divergence UpdateWeights(int step, double objective)
    {
        bool isDue = _isRefreshHeld || IsRefreshStep(step);
        _isRefreshHeld = isDue && HoldsRefreshes;
        (_stepNumber, _refreshes, _scale) = (step, isDue && !HoldsRefreshes, StepScale * _options.ScaleAt(_options.FirstStep + step));
        Divergence divergence = ForLayers(_updateGram, objective);
        return divergence.Kind == DivergenceKind.None ? ForLayers(_solveWeights, objective) : divergence;
    }

    private Divergence ForLayers(Action<KernelContext, int, int> work, double objective)
    {
        // To the end also where one fails: what the others do must not depend on the order.
        foreach (int layer in _shares.Split) work(Context, 0, layer);
        Work.ForLayers(work, _shares.Whole);
        for (int i = _found.Length - 1; i >= 0; i--)
        {
            if (_found[i] != DivergenceKind.None) return new Divergence(_found[i], i + 1, objective);
        }
        return default;
    }

    private void UpdateGram(KernelContext context, int worker, int layer)
    {
        _found[layer] = DivergenceKind.None;
        if (_layers[layer].Gram is not RunningGram gram) return;
        if (_stepNumber % _gramEvery == 0 || _stepNumber < FirstGramSteps) gram.Add(context, _layers[layer].Input, _options.GramRate);
        if (_refreshes && !gram.Refresh(context, _options.Damping, _scratch[worker].View(gram.Size, gram.Size))) _found[layer] = DivergenceKind.SingularGram;
    }

    private void SolveWeights(KernelContext context, int worker, int layer) =>
        _found[layer] = _solves[worker].Apply(context, _layers[layer], _scale) ? DivergenceKind.None : DivergenceKind.NotFinite;

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
        _solves[worker] = new StreamingWeightSolve([.. layers.Select(layer => _layers[layer])], _options, _metric.Lambda);
        _scratch[worker] = new SharedMatrix();
        foreach (int layer in layers)
        {
            if (_layers[layer].Gram is RunningGram gram) _scratch[worker].Reserve(gram.Size, gram.Size);
            if (_options.AdaptiveMu && worker == 0) _scratch[worker].Reserve(_options.MaxBatch, _layers[layer].Outputs);
        }
    }

    private bool IsRefreshStep(int step) => step % _refreshEvery == 0 || step is 3 or 10 or 25;
}
