using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Model;

namespace Lpom.Simd.Training;

/// <summary>
/// STAGE 5: block coordinate descent on eq. (3), a batch at a time, in paper mode: feed forward, sweeps of activation updates from the
/// output down, one weight solve per layer. Owns every buffer; a step allocates nothing.
/// </summary>
/// <remarks>
/// For one thread at a time. Every stage can be called alone: <see cref="Begin(ReadOnlyMatrixView, ReadOnlyMatrixView)"/>,
/// <see cref="UpdateActivations"/>, <see cref="Objective"/>, <see cref="SolveWeights"/>, in this order.
/// </remarks>
public sealed class Trainer : IDisposable
{
    // A healthy run's objective falls from about the first batch's loss, and that is at most some times the targets' own size.
    private const double BlowUpFactor = 1e6;

    // The objective's scale goes with 1/μ, so that one step of a small network may pass a tight bound and recover. The loss does not:
    // a mean over about so many steps this many times above the first is a run that learns nothing.
    private const double LossGrowthFactor = 20;
    private const double MeanLossSteps = 50;

    private readonly TrainerOptions _options;
    private readonly Network _start;
    private readonly KernelContext _context;
    private readonly LayerState[] _layers;
    private readonly Matrix _inputs;
    private readonly Matrix _targets;
    private readonly double[] _penalties;
    private readonly double[] _residuals;
    private readonly float[] _squaredNorms;
    private int _rows;
    private int _step;
    private double _loss;
    private double _scale;
    private double _meanLoss;
    private bool _atFeedForward;
    private int _firstStale;

    /// <summary>Allocates everything that training needs, and starts the worker threads.</summary>
    /// <param name="start">The network to start from; it stays as it is.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range.</exception>
    /// <exception cref="ArgumentException">A network with biases, or as many penalties as the network does not have layers.</exception>
    public Trainer(Network start, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(start);
        options.Validate(start.Layers.Count);
        if (start.Layers.Any(l => l.Bias.Length != 0)) throw new ArgumentException("Paper mode trains networks without biases.", nameof(start));
        _options = options;
        _start = start;
        _layers = new LayerState[start.Layers.Count];
        for (int i = 0; i < _layers.Length; i++)
        {
            float mu = options.MuPerLayer.IsEmpty ? options.Mu : options.MuPerLayer.Span[i];
            _layers[i] = new LayerState(start.Layers[i], i, mu, options);
        }
        _inputs = new Matrix(options.MaxBatch, start.Inputs);
        _targets = new Matrix(options.MaxBatch, start.Outputs);
        _penalties = new double[_layers.Length];
        _residuals = new double[_layers.Length];
        _squaredNorms = new float[_layers.Length];
        _context = new KernelContext(options.Threads);
    }

    private LayerState Last => _layers[^1];

    /// <summary>Trains on one batch of labelled samples, with one-hot targets.</summary>
    /// <param name="inputs">The samples [m × Inputs], m from 1 to MaxBatch; they may lie anywhere.</param>
    /// <param name="labels">The classes [m], from 0 to Outputs − 1.</param>
    /// <returns>What the step did; when it diverged the weights are those that it began with, which the step before may have spoilt.</returns>
    /// <exception cref="ArgumentException">A wrong shape, or a label out of range; thrown before any work.</exception>
    public StepReport Step(ReadOnlyMatrixView inputs, ReadOnlySpan<int> labels)
    {
        Begin(inputs, labels);
        return FinishStep();
    }

    /// <summary>Trains on one batch with targets of any kind.</summary>
    /// <param name="inputs">The samples [m × Inputs], m from 1 to MaxBatch; they may lie anywhere.</param>
    /// <param name="targets">L [m × Outputs].</param>
    /// <returns>What the step did; when it diverged the weights are those that it began with, which the step before may have spoilt.</returns>
    /// <exception cref="ArgumentException">A wrong shape; thrown before any work.</exception>
    public StepReport Step(ReadOnlyMatrixView inputs, ReadOnlyMatrixView targets)
    {
        Begin(inputs, targets);
        return FinishStep();
    }

    /// <summary>Starts a batch: copies it and feeds it forward, Xⁱ⁺¹ = φ(WⁱXⁱ), where every penalty is at its minimum.</summary>
    /// <inheritdoc cref="Step(ReadOnlyMatrixView, ReadOnlySpan{int})" path="/param" />
    /// <inheritdoc cref="Step(ReadOnlyMatrixView, ReadOnlySpan{int})" path="/exception" />
    public void Begin(ReadOnlyMatrixView inputs, ReadOnlySpan<int> labels)
    {
        CheckInputs(inputs);
        if (labels.Length != inputs.Rows) throw new ArgumentException($"{inputs.Rows} samples have {labels.Length} labels.", nameof(labels));
        foreach (int label in labels)
        {
            if ((uint)label >= (uint)_start.Outputs) throw new ArgumentException($"Label {label} is outside of 0…{_start.Outputs - 1}.", nameof(labels));
        }
        MatrixView oneHot = _targets.Top(labels.Length);
        for (int row = 0; row < labels.Length; row++)
        {
            oneHot.Row(row).Clear();
            oneHot[row, labels[row]] = 1f;
        }
        FeedForward(inputs);
    }

    /// <inheritdoc cref="Begin(ReadOnlyMatrixView, ReadOnlySpan{int})" path="/summary" />
    /// <inheritdoc cref="Step(ReadOnlyMatrixView, ReadOnlyMatrixView)" path="/param" />
    /// <inheritdoc cref="Step(ReadOnlyMatrixView, ReadOnlyMatrixView)" path="/exception" />
    public void Begin(ReadOnlyMatrixView inputs, ReadOnlyMatrixView targets)
    {
        CheckInputs(inputs);
        if (targets.Rows != inputs.Rows || targets.Cols != _start.Outputs)
            throw new ArgumentException($"The targets are [{targets.Rows} × {targets.Cols}], not [{inputs.Rows} × {_start.Outputs}].", nameof(targets));
        targets.CopyTo(_targets.Top(targets.Rows));
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
        double sum = Training.Objective.Loss(_context, Last.Output, Targets, _start.Loss);
        for (int i = 0; i < _layers.Length; i++)
        {
            _penalties[i] = Training.Objective.Penalty(_context, _layers[i]);
            sum += _penalties[i];
        }
        return sum / _rows;
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

    /// <summary>A network with a copy of the weights as they are, and the start's metadata.</summary>
    public Network ToNetwork() => new(_layers.Select(l => l.Snapshot()), _start.Loss, _start.Metadata);

    /// <summary>Counts what the steps from now on spend their time on.</summary>
    internal WorkProfile AttachProfile() => _context.AttachProfile();

    /// <inheritdoc />
    public void Dispose() => _context.Dispose();

    private MatrixView Targets => _targets.Top(_rows);

    private MatrixView InputOf(int layer) => layer == 0 ? _inputs.Top(_rows) : _layers[layer - 1].Output;

    private void CheckInputs(ReadOnlyMatrixView inputs)
    {
        if (inputs.Rows < 1 || inputs.Rows > _options.MaxBatch)
            throw new ArgumentException($"The batch has {inputs.Rows} samples, expected 1 to {_options.MaxBatch}.", nameof(inputs));
        if (inputs.Cols != _start.Inputs)
            throw new ArgumentException($"The samples have {inputs.Cols} values, the network takes {_start.Inputs}.", nameof(inputs));
    }

    private void CheckBegun()
    {
        if (_rows == 0) throw new InvalidOperationException("Begin a batch first.");
    }

    private void FeedForward(ReadOnlyMatrixView inputs)
    {
        _rows = inputs.Rows;
        inputs.CopyTo(_inputs.Top(_rows));
        for (int i = 0; i < _layers.Length; i++)
        {
            LayerState layer = _layers[i];
            layer.SetRows(_rows);
            RefreshProduct(i);
            layer.Activation.Apply(_context, layer.Product, layer.Output);
            _squaredNorms[i] = SpectralNorm.Step(_context, layer);
        }
        _firstStale = _layers.Length;
        _atFeedForward = true;
        _loss = Training.Objective.Loss(_context, Last.Output, Targets, _start.Loss) / _rows;
    }

    private void RefreshProduct(int i) => Gemm.Multiply(_context, GemmForm.NT, InputOf(i), _layers[i].Weights.View, _layers[i].Product);

    // An activation update leaves the first product good, whose input is the data; a weight solve leaves none.
    private void RefreshProducts()
    {
        for (; _firstStale < _layers.Length; _firstStale++) RefreshProduct(_firstStale);
    }

    // From the top down, an update needs the products of the activations before the sweep alone.
    private void Sweep()
    {
        RefreshProducts();
        OutputUpdate.Apply(_context, Last, Targets, _start.Loss);
        for (int i = _layers.Length - 2; i >= 0; i--)
        {
            LayerState below = _layers[i];
            LayerState above = _layers[i + 1];
            float theta = ActivationUpdate.Theta(below, above, _squaredNorms[i + 1], _options.GuardRelaxation);
            ActivationUpdate.Apply(_context, below, above, _atFeedForward ? below.Product : below.PreActivation, theta);
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
        return new StepReport(_loss, objective, _residuals, _squaredNorms, divergence);
    }

    private void RefreshResiduals()
    {
        RefreshProducts();
        for (int i = 0; i < _layers.Length; i++)
        {
            LayerState layer = _layers[i];
            layer.Activation.Residual(_context, layer.Product, layer.Output, layer.Residual);
            _residuals[i] = Math.Sqrt(Reduce.SumSquares(_context, layer.Residual) / ((double)_rows * layer.Outputs));
        }
    }

    private Divergence CheckObjective(double objective)
    {
        if (!double.IsFinite(objective) || !double.IsFinite(_loss)) return new Divergence(DivergenceKind.NotFinite, LayerToBlame(), objective);
        if (_scale == 0) _scale = Math.Max(_loss, 0.5 * Reduce.SumSquares(_context, Targets) / _rows);
        if (_scale == 0) return default;
        if (objective > BlowUpFactor * _scale) return new Divergence(DivergenceKind.BlowUp, LayerToBlame(), objective);
        _meanLoss += (_loss - _meanLoss) / MeanLossSteps;
        return _meanLoss > LossGrowthFactor * _scale ? new Divergence(DivergenceKind.LossGrowth, _layers.Length, objective) : default;
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
            if (!WeightSolve.Factor(_context, _layers[i], InputOf(i), _options.Ridge)) return i;
        }
        return -1;
    }

    private void ApplyWeightSteps()
    {
        float scale = _options.StepScale(_step++);
        for (int i = 0; i < _layers.Length; i++) WeightSolve.Apply(_context, _layers[i], InputOf(i), _options.WeightSteps, scale);
        _firstStale = 0;
    }
}
