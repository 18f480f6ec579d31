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
    private readonly StreamingWeightSolve _solve;
    private readonly SharedMatrix _scratch = new();
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
        _solve = new StreamingWeightSolve(_layers, options, _metric.Lambda);
        foreach (StreamingLayer layer in _layers)
        {
            if (layer.Gram is not null) _scratch.Reserve(layer.Gram.Size, layer.Gram.Size);
            if (options.AdaptiveMu) _scratch.Reserve(options.MaxBatch, layer.Outputs);
        }
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

    private protected override void UpdateDeviations(ReadOnlyMatrixView targets)
    {
        float amplitude = 1 / _options.Mu;
        TargetUpdate.Output(Context, _layers[^1], targets, Start.Loss, amplitude);
        for (int i = _layers.Length - 2; i >= 0; i--)
        {
            StreamingLayer below = _layers[i], above = _layers[i + 1];
            if (_options.AdaptiveMu) TargetUpdate.HiddenAdaptive(Context, below, above, amplitude, _scratch.View(Rows, below.Outputs));
            else TargetUpdate.Hidden(Context, below, above);
        }
    }

    // Every Gram matrix is factored before a weight changes, so that a failure leaves the weights whole; only a direction that overflows
    // is found after the layers above have taken theirs.
    private protected override Divergence UpdateWeights(int step, double objective)
    {
        bool isDue = _isRefreshHeld || IsRefreshStep(step);
        _isRefreshHeld = isDue && HoldsRefreshes;
        for (int i = 1; i < _layers.Length; i++)
        {
            if (!UpdateGram(_layers[i].Gram!, _layers[i].Input, step, isDue && !HoldsRefreshes)) return new Divergence(DivergenceKind.SingularGram, i + 1, objective);
        }
        float scale = StepScale * _options.ScaleAt(_options.FirstStep + step);
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            if (!_solve.Apply(Context, _layers[i], scale)) return new Divergence(DivergenceKind.NotFinite, i + 1, objective);
        }
        return default;
    }

    private bool IsRefreshStep(int step) => step % _refreshEvery == 0 || step is 3 or 10 or 25;

    private bool UpdateGram(RunningGram gram, ReadOnlyMatrixView input, int step, bool refreshes)
    {
        if (step % _gramEvery == 0 || step < FirstGramSteps) gram.Add(Context, input, _options.GramRate);
        return !refreshes || gram.Refresh(Context, _options.Damping, _scratch.View(gram.Size, gram.Size));
    }
}
