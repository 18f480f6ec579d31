using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Model;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training.Paper;

/// <summary>
/// STAGE 5: block coordinate descent on eq. (3) in paper mode: feed forward, sweeps of activation updates from the
/// output down, one weight solve per layer.
/// </summary>
/// <remarks>
/// Every stage can be called alone: <see cref="Begin(ReadOnlyMatrixView, ReadOnlyMatrixView)"/>,
/// <see cref="UpdateActivations"/>, <see cref="Objective"/>, <see cref="SolveWeights"/>, in this order.
/// </remarks>
public sealed class PaperTrainer : Trainer
{
    // A healthy run's objective falls from about the first batch's loss, and that is at most some times the targets' own size. The
    // objective's scale goes with 1/μ, so that one step of a small network may pass a tight bound and recover; the loss does not.
    private const double BlowUpFactor = 1e6;

    private readonly PaperOptions _options;
    private readonly PaperLayer[] _layers;
    private readonly Matrix _inputs;
    private readonly double[] _penalties;
    private readonly double[] _residuals;
    private readonly float[] _squaredNorms;
    private int _step;
    private double _loss;
    private LossWatch _watch;
    private bool _atFeedForward;
    private int _firstStale;

    /// <summary>Allocates everything that training needs, and starts the worker threads.</summary>
    /// <param name="start">The network to start from; it stays as it is.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range.</exception>
    /// <exception cref="ArgumentException">A network with biases, or as many penalties as the network does not have layers.</exception>
    public PaperTrainer(Network start, PaperOptions options)
        : base(Checked(start, options), start.Inputs, start.Outputs, options.MaxBatch, options.Threads)
    {
        _options = options;
        _layers = new PaperLayer[start.Layers.Count];
        for (int i = 0; i < _layers.Length; i++)
        {
            float mu = options.MuPerLayer.IsEmpty ? options.Mu : options.MuPerLayer.Span[i];
            _layers[i] = new PaperLayer(start.Layers[i], i, mu, options);
        }
        _inputs = new Matrix(options.MaxBatch, start.Inputs);
        _penalties = new double[_layers.Length];
        _residuals = new double[_layers.Length];
        _squaredNorms = new float[_layers.Length];
    }

    private PaperLayer Last => _layers[^1];

    /// <summary>Starts a batch: copies it and feeds it forward, Xⁱ⁺¹ = φ(WⁱXⁱ), where every penalty is at its minimum.</summary>
    /// <inheritdoc cref="Trainer.Step(ReadOnlyMatrixView, ReadOnlySpan{int})" path="/param" />
    /// <inheritdoc cref="Trainer.Step(ReadOnlyMatrixView, ReadOnlySpan{int})" path="/exception" />
    public void Begin(ReadOnlyMatrixView inputs, ReadOnlySpan<int> labels)
    {
        CheckInputs(inputs);
        SetTargets(inputs.Rows, labels);
        FeedForward(inputs);
    }

    /// <inheritdoc cref="Begin(ReadOnlyMatrixView, ReadOnlySpan{int})" path="/summary" />
    /// <inheritdoc cref="Trainer.Step(ReadOnlyMatrixView, ReadOnlyMatrixView)" path="/param" />
    /// <inheritdoc cref="Trainer.Step(ReadOnlyMatrixView, ReadOnlyMatrixView)" path="/exception" />
    public void Begin(ReadOnlyMatrixView inputs, ReadOnlyMatrixView targets)
    {
        CheckInputs(inputs);
        SetTargets(inputs.Rows, targets);
        FeedForward(inputs);
    }

    /// <summary>The sweeps: eq. (5) for the output, then eq. (4) for each hidden layer, the top one first.</summary>
    /// <exception cref="InvalidOperationException">No batch has begun.</exception>
    public void UpdateActivations()
    {
        CheckBegun();
        for (int sweep = 0; sweep < _options.Sweeps; sweep++) Sweep();
    }

    /// <summary>Eq. (3) per sample for the present activations and weights, less P's minimum.</summary>
    /// <exception cref="InvalidOperationException">No batch has begun.</exception>
    public double Objective()
    {
        CheckBegun();
        RefreshProducts();
        double sum = Training.Objective.Loss(Context, Last.Output, Targets, Start.Loss);
        for (int i = 0; i < _layers.Length; i++)
        {
            PaperLayer layer = _layers[i];
            _penalties[i] = Training.Objective.Penalty(Context, layer.Mu, layer.Activation, layer.Output, layer.Product);
            sum += _penalties[i];
        }
        return sum / Rows;
    }

    /// <summary>The weight solve (7) of every layer, all from the same activations.</summary>
    /// <returns>False when a layer's Gram matrix is not positive definite: then no weight has changed.</returns>
    /// <exception cref="InvalidOperationException">No batch has begun.</exception>
    public bool SolveWeights()
    {
        CheckBegun();
        RefreshResiduals();
        if (FactorGrams() >= 0) return false;
        ApplyWeightSteps();
        return true;
    }

    /// <inheritdoc />
    public override Network ToNetwork() => new(_layers.Select(l => l.Snapshot()), Start.Loss, Start.Metadata);

    // Activations are those of a batch, and every batch begins with new ones.
    internal override void VisitState(IStateVisitor state)
    {
        foreach (PaperLayer layer in _layers) layer.VisitState(state);
        _watch.VisitState(state);
        state.Visit(ref _step);
    }

    private protected override StepReport Train(ReadOnlyMatrixView inputs)
    {
        FeedForward(inputs);
        return FinishStep();
    }

    private MatrixView InputOf(int layer) => layer == 0 ? _inputs.Top(Rows) : _layers[layer - 1].Output;

    private static Network Checked(Network start, PaperOptions options)
    {
        ArgumentNullException.ThrowIfNull(start);
        options.Validate(start.Layers.Count);
        if (start.Layers.Any(l => l.Bias.Length != 0)) throw new ArgumentException("Paper mode trains networks without biases.", nameof(start));
        return start;
    }

    private void CheckBegun()
    {
        if (Rows == 0) throw new InvalidOperationException("Begin a batch first.");
    }

    private void FeedForward(ReadOnlyMatrixView inputs)
    {
        inputs.CopyTo(_inputs.Top(Rows));
        for (int i = 0; i < _layers.Length; i++)
        {
            PaperLayer layer = _layers[i];
            layer.SetRows(Rows);
            RefreshProduct(i);
            layer.Activation.Apply(Context, layer.Product, layer.Output);
            _squaredNorms[i] = SpectralNorm.Step(Context, layer);
        }
        _firstStale = _layers.Length;
        _atFeedForward = true;
        _loss = Training.Objective.Loss(Context, Last.Output, Targets, Start.Loss) / Rows;
    }

    private void RefreshProduct(int i) => Gemm.Multiply(Context, GemmForm.NT, InputOf(i), _layers[i].Weights.View, _layers[i].Product);

    // An activation update leaves the first product good, whose input is the data; a weight solve leaves none.
    private void RefreshProducts()
    {
        for (; _firstStale < _layers.Length; _firstStale++) RefreshProduct(_firstStale);
    }

    // From the top down, an update needs the products of the activations before the sweep alone.
    private void Sweep()
    {
        RefreshProducts();
        OutputUpdate.Apply(Context, Last, Targets, Start.Loss);
        for (int i = _layers.Length - 2; i >= 0; i--)
        {
            PaperLayer below = _layers[i];
            PaperLayer above = _layers[i + 1];
            float theta = ActivationUpdate.Theta(below, above, _squaredNorms[i + 1], _options.GuardRelaxation);
            ActivationUpdate.Apply(Context, below, above, _atFeedForward ? below.Product : below.PreActivation, theta);
        }
        _firstStale = 1;
        _atFeedForward = false;
    }

    private StepReport FinishStep()
    {
        UpdateActivations();
        double objective = Objective();
        RefreshResiduals();
        Divergence divergence = CheckObjective(objective);
        if (divergence.Kind == DivergenceKind.None) divergence = SolveOrReport(objective);
        return new StepReport(_loss, objective, _residuals, _squaredNorms, divergence, Rows);
    }

    private void RefreshResiduals()
    {
        RefreshProducts();
        for (int i = 0; i < _layers.Length; i++)
        {
            PaperLayer layer = _layers[i];
            layer.Activation.Residual(Context, layer.Product, layer.Output, layer.Residual);
            _residuals[i] = Math.Sqrt(Reduce.SumSquares(Context, layer.Residual) / ((double)Rows * layer.Outputs));
        }
    }

    private Divergence CheckObjective(double objective)
    {
        if (!double.IsFinite(objective) || !double.IsFinite(_loss)) return new Divergence(DivergenceKind.NotFinite, LayerToBlame(), objective);
        bool hasGrown = _watch.Diverges(_loss, 0.5 * Reduce.SumSquares(Context, Targets) / Rows);
        if (objective > BlowUpFactor * _watch.Scale && _watch.Scale > 0) return new Divergence(DivergenceKind.BlowUp, LayerToBlame(), objective);
        return hasGrown ? new Divergence(DivergenceKind.LossGrowth, _layers.Length, objective) : default;
    }

    private int LayerToBlame()
    {
        for (int i = 0; i < _penalties.Length; i++)
        {
            if (!double.IsFinite(_penalties[i])) return i + 1;
        }
        return Array.IndexOf(_penalties, _penalties.Max()) + 1;
    }

    private Divergence SolveOrReport(double objective)
    {
        int failed = FactorGrams();
        if (failed >= 0) return new Divergence(DivergenceKind.SingularGram, failed + 1, objective);
        ApplyWeightSteps();
        return default;
    }

    // All layers are factored before any is changed, so that a failure leaves the weights whole.
    private int FactorGrams()
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            if (!WeightSolve.Factor(Context, _layers[i], InputOf(i), _options.Ridge)) return i;
        }
        return -1;
    }

    private void ApplyWeightSteps()
    {
        float scale = _options.Schedule.ScaleAt(_options.FirstStep + _step++, _options.TotalSteps);
        for (int i = 0; i < _layers.Length; i++) WeightSolve.Apply(Context, _layers[i], InputOf(i), _options.WeightSteps, scale);
        _firstStale = 0;
    }
}
