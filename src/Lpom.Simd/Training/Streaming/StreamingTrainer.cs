using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Inputs;

namespace Lpom.Simd.Training.Streaming;

/// <summary>
/// STAGE 5 in streaming mode: feed forward, targets from the top down (<see cref="TargetUpdate"/>), one weight solve per layer in the
/// metric of all the data seen (<see cref="StreamingWeightSolve"/>). The first layer's metric is that of the training rows, known before
/// training: it trains on whitened rows.
/// </summary>
public sealed class StreamingTrainer : RowTrainer
{
    /// <summary>The most inputs with a whole Gram matrix; beyond, its diagonal stands for it.</summary>
    public const int MaxFullInputs = InputMetric.MaxFullFeatures;

    // Layers this wide refresh half as often: their Gram matrices and inverses cost most.
    private const int WideUnits = 1000;
    private const int FirstGramSteps = 10;

    // Whitening a batch by itself is dear when it takes this part of a step's products.
    private const double KeepRowsAbove = 0.05;

    private readonly StreamingOptions _options;
    private readonly InputMetric _metric;
    private readonly WhitenedRows? _whitened;
    private readonly StreamingLayer[] _layers;
    private readonly StreamingWeightSolve _solve;
    private readonly SharedMatrix _scratch = new();
    private readonly int _gramEvery;
    private readonly int _refreshEvery;

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
        : this(Checked(start, rows), options.Validated(), rows, ScalingFor(rows, scaling), [.. start.Layers.Select((layer, i) => new StreamingLayer(layer, options.MaxBatch, isFirst: i == 0))])
    {
    }

    private StreamingTrainer(Network start, StreamingOptions options, ISampleRows rows, InputScaling scaling, StreamingLayer[] layers)
        : base(start, rows, scaling, layers, options.OnRows)
    {
        _options = options;
        _layers = layers;
        _metric = InputMetric.Fit(Context, ScaledRows, options.EffectiveDimension);
        WhitenStart();
        if (KeepsRows()) _whitened = new WhitenedRows(Context, ScaledRows, _metric);
        _solve = new StreamingWeightSolve(_layers, options);
        foreach (StreamingLayer layer in _layers)
        {
            if (layer.Gram is not null) _scratch.Reserve(layer.Gram.Size, layer.Gram.Size);
            if (options.AdaptiveMu) _scratch.Reserve(options.MaxBatch, layer.Outputs);
        }
        bool isWide = _layers.Any(l => l.Outputs >= WideUnits);
        (_gramEvery, _refreshEvery) = isWide ? (8, 100) : (4, 50);
    }

    /// <summary>Whether the first layer's metric is only the diagonal of the data's Gram matrix, as there are too many inputs for all of it.</summary>
    public bool HasDiagonalMetric => _metric.IsDiagonal;

    private protected override ReadOnlyMatrixView TrainedWeights(int layer)
    {
        ReadOnlyMatrixView weights = base.TrainedWeights(layer);
        if (layer > 0) return weights;
        var folded = new Matrix(weights.Rows, weights.Cols);
        weights.CopyTo(folded.View);
        _metric.FromWhitened(Context, folded.View);
        return folded.View;
    }

    private protected override bool GatherPrepared(ReadOnlyMemory<int> numbers)
    {
        _whitened?.Gather(Context, numbers, _layers[0].InputBuffer);
        return _whitened is not null;
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
        for (int i = 1; i < _layers.Length; i++)
        {
            if (!UpdateGram(_layers[i].Gram!, _layers[i].Input, step)) return new Divergence(DivergenceKind.SingularGram, i + 1, objective);
        }
        float scale = _options.ScaleAt(step);
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            if (!_solve.Apply(Context, _layers[i], scale)) return new Divergence(DivergenceKind.NotFinite, i + 1, objective);
        }
        return default;
    }

    private void WhitenStart()
    {
        MatrixView weights = _layers[0].Weights.View;
        var scaled = new Matrix(weights.Rows, weights.Cols);
        weights.CopyTo(scaled.View);
        _metric.ToWhitened(Context, scaled.View, weights);
    }

    // n²/2 of whitening a sample against the products of its step.
    private bool KeepsRows()
    {
        double step = 3.0 * _layers.Sum(l => (double)l.Outputs * (l.Inputs + 1));
        double whitening = 0.5 * ScaledRows.Columns * ScaledRows.Columns;
        return !_metric.IsDiagonal && !DropsInputs && whitening > KeepRowsAbove * step
            && WhitenedRows.Fits(ScaledRows, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);
    }

    private bool UpdateGram(RunningGram gram, ReadOnlyMatrixView input, int step)
    {
        if (step % _gramEvery == 0 || step < FirstGramSteps) gram.Add(Context, input, _options.GramRate);
        bool isDue = step % _refreshEvery == 0 || step is 3 or 10 or 25;
        return !isDue || gram.Refresh(Context, _options.Damping, _scratch.View(gram.Size, gram.Size));
    }
}
