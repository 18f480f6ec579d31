using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Distributed;
using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training.BackPropagation;

/// <summary>
/// The baseline: gradients by back-propagation, steps by SGD with momentum or Adam, on the same kernels, inputs, losses and start as
/// <see cref="Streaming.StreamingTrainer"/>. The one user of the activations' derivatives.
/// </summary>
public sealed class BackPropagationTrainer : RowTrainer
{
    private readonly BackPropagationOptions _options;
    private readonly BiasedLayer[] _layers;
    private readonly Matrix[] _velocities;
    private readonly Matrix[] _squares;
    private readonly SharedMatrix _gradient = new();

    /// <summary>Reads the rows for the scaling, and allocates everything that training needs.</summary>
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
    public BackPropagationTrainer(Network start, BackPropagationOptions options, ISampleRows rows, InputScaling? scaling = null, ICommunicator? ranks = null)
        : this(Checked(start, rows), options.Validated(), rows, ScalingFor(rows, scaling, options.Threads), [.. start.Layers.Select(layer => new BiasedLayer(layer, options.MaxBatch))], ranks)
    {
    }

    private BackPropagationTrainer(Network start, BackPropagationOptions options, ISampleRows rows, InputScaling scaling, BiasedLayer[] layers, ICommunicator? ranks)
        : base(start, rows, scaling, layers, options.OnRows, ranks)
    {
        _options = options;
        _layers = layers;
        _velocities = [.. layers.Select(layer => new Matrix(layer.Outputs, layer.Inputs + 1))];
        _squares = options.Optimizer == Optimizer.Adam ? [.. layers.Select(layer => new Matrix(layer.Outputs, layer.Inputs + 1))] : [];
        foreach (BiasedLayer layer in layers) _gradient.Reserve(layer.Outputs, layer.Inputs + 1);
    }

    /// <inheritdoc />
    public override void CollectState()
    {
        base.CollectState();
        Ranks?.GatherRows(i => _velocities[i].View, _velocities.Length);
        Ranks?.GatherRows(i => _squares[i].View, _squares.Length);
    }

    internal override void VisitState(IStateVisitor state)
    {
        base.VisitState(state);
        foreach (Matrix velocity in _velocities) state.Visit(velocity.View);
        foreach (Matrix square in _squares) state.Visit(square.View);
    }

    /// <summary>The errors ∂ℓ/∂U from the top down: Eᵢ = (Eᵢ₊₁·Wᵢ₊₁) ∘ φ′(Uᵢ).</summary>
    private protected override void UpdateDeviations(KernelContext context, RowRange rows)
    {
        LayerPart output = OutputOn(rows);
        ReadOnlyMatrixView targets = SmoothedTargets.SliceRows(rows.First, rows.Count);
        if (Start.Loss == Loss.CrossEntropy) Softmax.MinusTargets(context, output.Product, targets, 1f, output.Deviation);
        else Map.Binary(context, new AxpBy(1f, -1f), output.Product, targets, output.Deviation);
        for (int i = _layers.Length - 2; i >= 0; i--)
        {
            LayerPart below = On(i, rows);
            Pull(context, i, rows, below.Deviation);
            below.Activation.BackPropagate(context, On(i + 1, rows).Input.SliceCols(below.Units.First, below.Units.Count), below.Product, below.Deviation, below.Deviation);
        }
    }

    private protected override Divergence UpdateWeights(int step, double objective)
    {
        float rate = _options.Rate * _options.Schedule.ScaleAt(_options.FirstStep + step, _options.TotalSteps);
        for (int i = 0; i < _layers.Length; i++)
        {
            BiasedLayer layer = _layers[i];
            RowRange units = UnitsOf(i);
            MatrixView gradient = _gradient.View(units.Count, layer.Inputs + 1);
            Gemm.Multiply(Context, GemmForm.TN, layer.Deviation.SliceCols(units.First, units.Count), layer.Input, gradient, 1f / Rows);
            if (_options.Optimizer == Optimizer.Sgd) DescendSgd(i, units, gradient, rate);
            else DescendAdam(i, units, gradient, rate, step + 1);
        }
        return default;
    }

    private void DescendSgd(int layer, RowRange units, ReadOnlyMatrixView gradient, float rate)
    {
        MatrixView weights = _layers[layer].Weights.View.SliceRows(units.First, units.Count), velocity = _velocities[layer].View.SliceRows(units.First, units.Count);
        var step = new HeavyBallStep(_options.Momentum, rate, 1 - (_options.WeightDecay * rate));
        Map.TernaryPair(Context, step, velocity, weights, gradient, velocity, weights);
    }

    private void DescendAdam(int layer, RowRange units, ReadOnlyMatrixView gradient, float rate, int t)
    {
        MatrixView weights = _layers[layer].Weights.View.SliceRows(units.First, units.Count);
        MatrixView velocity = _velocities[layer].View.SliceRows(units.First, units.Count), squares = _squares[layer].View.SliceRows(units.First, units.Count);
        Map.TernaryPair(Context, new AdamMoments(_options.Momentum, _options.SquareMomentum), velocity, squares, gradient, velocity, squares);
        // m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ): rate·m̂/(√v̂ + ε) = rate·(c/(1 − β₁ᵗ))·m/(√v + cε) with c = √(1 − β₂ᵗ).
        double c = Math.Sqrt(1 - Math.Pow(_options.SquareMomentum, t));
        float corrected = (float)(rate * c / (1 - Math.Pow(_options.Momentum, t)));
        var step = new AdamStep(corrected, (float)(_options.Epsilon * c), 1 - (_options.WeightDecay * rate));
        Map.Ternary(Context, step, weights, velocity, squares, weights);
    }
}
