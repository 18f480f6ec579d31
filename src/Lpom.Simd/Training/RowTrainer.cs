using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training.Distributed;
using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training;

/// <summary>
/// A trainer that knows the training rows: it scales them by their own statistics, adds biases, and folds both into the network that it
/// gives back. The output layer is linear.
/// </summary>
public abstract class RowTrainer : Trainer
{
    private readonly BiasedLayer[] _layers;
    private readonly int _maxBatch;
    private readonly int _firstStep;
    private readonly float _labelSmoothing;
    private readonly Matrix _smoothed;
    private readonly int[] _numbers;
    private readonly double[] _residuals;
    private readonly InputDropout _dropout;
    private readonly WeightAverage? _average;
    private readonly StepWork _work;
    private readonly Action<KernelContext, RowRange> _sweep;
    private readonly MatrixAt _trained;
    private readonly bool _hasFirstLayer;
    private LossWatch _watch;
    private int _step;

    private protected RowTrainer(Network start, ISampleRows rows, InputScaling scaling, BiasedLayer[] layers, RowTrainerOptions options, ICommunicator? ranks, LayerRanks? blocks = null)
        : base(start, rows.Features, blocks?.Part.Outputs ?? start.Outputs, options.MaxBatch, options.Threads)
    {
        _hasFirstLayer = blocks?.HasFirstLayer ?? true;
        Scaling = scaling;
        ScaledRows = new ScaledRows(rows, Scaling);
        _layers = layers;
        _maxBatch = options.MaxBatch;
        _firstStep = options.FirstStep;
        _labelSmoothing = start.Loss == Loss.CrossEntropy ? options.LabelSmoothing : 0;
        _dropout = new InputDropout(options.InputDropout, options.Seed);
        if (options.AveragedPart > 0) _average = new WeightAverage(layers, options.AveragedPart, options.TotalSteps);
        _smoothed = new Matrix(_maxBatch, start.Outputs);
        _numbers = new int[_maxBatch];
        _residuals = new double[layers.Length];
        if (ranks is { Size: > 1 }) Ranks = new RankGroup(ranks);
        // What ranks say to each other is for one thread.
        _work = new StepWork(Context, Ranks is null ? options.Parallelism : Parallelism.Products);
        (_sweep, _trained) = (Sweep, TrainedMatrix);
        if (_hasFirstLayer) Scaling.Unfold(layers[0].Weights.View);
    }

    /// <summary>How the rows are scaled.</summary>
    public InputScaling Scaling { get; }

    /// <summary>The training rows, scaled, with their ones.</summary>
    private protected ScaledRows ScaledRows { get; }

    /// <summary>What tells that the loss grows; without a past before the first step.</summary>
    internal LossWatch Watch { get => _watch; set => _watch = value; }

    /// <summary>The next step's number, from 0, since the start.</summary>
    private protected int NextStep => _step;

    /// <summary>
    /// Whether the state can be saved now so that a run that goes on from it comes to the bits of one that was never stopped. With
    /// <see cref="Parallelism.Synchronous"/> that is so after every 64 batches, and whenever all are finished for another reason.
    /// </summary>
    public virtual bool CanPause => true;

    /// <summary>
    /// Finishes the oldest batch that is in flight, where a step takes in one batch and reports of another, and reports of it: of no rows
    /// where all have been reported.
    /// </summary>
    public StepReport FinishStep()
    {
        long begun = TrainingMetrics.Begin();
        StepReport report = FinishOldest();
        TrainingMetrics.End(begun, report);
        return report;
    }

    /// <summary>Trains on one batch of the training rows: faster than to hand them in, with the same bits.</summary>
    /// <param name="rows">The rows' numbers [m], m from 1 to MaxBatch.</param>
    /// <param name="labels">The classes [m], from 0 to Outputs − 1.</param>
    /// <returns>What the step did; when it diverged the weights are those that it began with, which the step before may have spoilt; where a direction overflowed, other layers may be a step further.</returns>
    /// <exception cref="ArgumentException">A wrong number of rows, or a row or label out of range; thrown before any work.</exception>
    public StepReport StepOnRows(ReadOnlySpan<int> rows, ReadOnlySpan<int> labels)
    {
        CheckRows(rows);
        SetTargets(rows.Length, labels);
        return StepOnRows(rows);
    }

    /// <summary>The same with targets of any kind.</summary>
    /// <param name="rows">The rows' numbers [m], m from 1 to MaxBatch.</param>
    /// <param name="targets">L [m × Outputs].</param>
    /// <returns>What the step did; when it diverged the weights are those that it began with, which the step before may have spoilt; where a direction overflowed, other layers may be a step further.</returns>
    /// <exception cref="ArgumentException">A wrong number of rows, a row out of range or a wrong shape; thrown before any work.</exception>
    public StepReport StepOnRows(ReadOnlySpan<int> rows, ReadOnlyMatrixView targets)
    {
        CheckRows(rows);
        SetTargets(rows.Length, targets);
        return StepOnRows(rows);
    }

    /// <inheritdoc />
    /// <remarks>With ranks, every one of them calls it.</remarks>
    public override Network ToNetwork()
    {
        Ranks?.GatherRows(_trained, _layers.Length);
        var trained = new Network(_layers.Select((layer, i) => layer.ToLayer(TrainedWeights(i))), Start.Loss, Start.Metadata);
        if (!_hasFirstLayer) return trained;
        Network folded = Scaling.FoldInto(trained);
        // Bounds of the run that the start comes from hold on where this one has none.
        return new Network(folded.Layers, folded.Loss, folded.Metadata, folded.InputBounds ?? Start.InputBounds);
    }

    /// <summary>The weights [outputs × (inputs + 1)] of a layer on scaled inputs.</summary>
    private protected virtual ReadOnlyMatrixView TrainedWeights(int layer) => TrainedMatrix(layer);

    private MatrixView TrainedMatrix(int layer) => _average is { HasBegun: true } average ? average[layer] : _layers[layer].Weights.View;

    /// <inheritdoc />
    private protected override void DisposeWorkers() => _work.Dispose();

    /// <summary>
    /// Brings together what ranks have each a part of, so that <see cref="Trainer.SaveState"/> is the same on every rank. Every rank calls
    /// it; without ranks it does nothing.
    /// </summary>
    public virtual void CollectState()
    {
        if (Ranks is null) return;
        Ranks.GatherRows(i => _layers[i].Weights.View, _layers.Length);
        if (_average is not null) Ranks.GatherRows(i => _average[i], _layers.Length);
    }

    internal override void VisitState(IStateVisitor state)
    {
        foreach (BiasedLayer layer in _layers) state.Visit(layer.Weights.View);
        _average?.VisitState(state);
        _watch.VisitState(state);
        state.Visit(ref _step);
    }

    /// <summary>Changes the first layer's input, rows scaled one by one, to what it trains on.</summary>
    private protected virtual void PrepareInputs()
    {
    }

    /// <summary>The ranks that share every step; null when there is one.</summary>
    private protected RankGroup? Ranks { get; }

    /// <summary>The units of a layer that are done here: this rank's, where the ranks divide them.</summary>
    private protected RowRange UnitsOf(int layer) => IsShared(layer) ? Ranks!.Share(_layers[layer].Outputs) : new RowRange(0, _layers[layer].Outputs);

    /// <summary>Whether the ranks divide a layer's units.</summary>
    private protected bool IsShared(int layer) => Ranks is not null && Ranks.Shares(_layers[layer], _maxBatch);

    /// <summary>How a step's work is shared by the threads.</summary>
    private protected StepWork Work => _work;

    /// <summary>L [m × outputs] of the present batch, smoothed.</summary>
    private protected ReadOnlyMatrixView SmoothedTargets => IsSmoothed ? _smoothed.Top(Rows) : Targets;

    /// <summary>A layer on some rows of the present batch.</summary>
    private protected LayerPart On(int layer, RowRange rows) => new(_layers[layer], rows, UnitsOf(layer));

    /// <summary>The output layer on some rows, with all its units: what is made of them needs all.</summary>
    private protected LayerPart OutputOn(RowRange rows) => new(_layers[^1], rows, new RowRange(0, _layers[^1].Outputs));

    /// <summary>Dᵢ₊₁Wᵢ₊₁, or with back-propagation the same of errors, for the units of layer i that are done here.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="layer">i.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="pull">[rows × units], overwritten.</param>
    private protected void Pull(KernelContext context, int layer, RowRange rows, MatrixView pull)
    {
        LayerPart above = On(layer + 1, rows);
        if (!IsShared(layer + 1))
        {
            RowRange units = UnitsOf(layer);
            Gemm.Multiply(context, GemmForm.NN, above.Deviation, above.WeightsWithoutBias.SliceCols(units.First, units.Count), pull);
            return;
        }
        RowRange share = Ranks!.Share(_layers[layer].Outputs);
        Ranks.SumProducts(context, above.Deviation, above.WeightsWithoutBias, IsShared(layer) ? pull : pull.SliceCols(share.First, share.Count));
        if (!IsShared(layer)) Ranks.GatherColumns(pull);
    }

    /// <summary>Whether deviations need nothing of other rows: they are those of <see cref="UpdateDeviations"/> then, else of <see cref="UpdateAllDeviations"/>.</summary>
    private protected virtual bool IsByRows => true;

    /// <summary>∂ℓ or D of every layer on some rows, from the fed-forward products; no weight changes.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="rows">The rows.</param>
    private protected abstract void UpdateDeviations(KernelContext context, RowRange rows);

    /// <summary>The same on all rows, when every one is fed forward; shares its work itself.</summary>
    private protected virtual void UpdateAllDeviations()
    {
    }

    /// <summary>Changes the weights. What went wrong, or nothing.</summary>
    /// <param name="step">The step's number, from 0, since the start.</param>
    /// <param name="objective">The smoothed loss.</param>
    private protected abstract Divergence UpdateWeights(int step, double objective);

    private protected override StepReport Train(ReadOnlyMatrixView inputs)
    {
        SetRows();
        Scale(Context, inputs, _layers[0].Input);
        DropAndPrepare();
        return TrainOnInputs();
    }

    /// <exception cref="ArgumentException">Rows of another width than the network's inputs, or an output that is not linear.</exception>
    private protected static Network Checked(Network start, ISampleRows rows)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Features != start.Inputs)
            throw new ArgumentException($"The rows have {rows.Features} values, the network takes {start.Inputs}.", nameof(rows));
        if (start.Layers[^1].Activation is not Activation<Identity>)
            throw new ArgumentException($"The output layer must be linear, not {start.Layers[^1].Activation.Name}.", nameof(start));
        return start;
    }

    /// <summary>The scaling that is given, checked, or the one that the rows ask for: before there are workers to leave behind.</summary>
    /// <exception cref="ArgumentException">A scaling of another width, or rows that cannot be scaled.</exception>
    private protected static InputScaling ScalingFor(ISampleRows rows, InputScaling? scaling, int threads)
    {
        if (scaling is null) return InputScaling.Fit(rows, threads);
        return scaling.Features == rows.Features
            ? scaling
            : throw new ArgumentException($"The scaling is for {scaling.Features} values, the rows have {rows.Features}.", nameof(scaling));
    }

    private void CheckRows(ReadOnlySpan<int> rows)
    {
        if (rows.Length < 1 || rows.Length > _maxBatch)
            throw new ArgumentException($"The batch has {rows.Length} samples, expected 1 to {_maxBatch}.", nameof(rows));
        foreach (int row in rows)
        {
            if ((uint)row >= (uint)ScaledRows.Rows) throw new ArgumentException($"Row {row} is outside of 0…{ScaledRows.Rows - 1}.", nameof(rows));
        }
    }

    private StepReport StepOnRows(ReadOnlySpan<int> rows)
    {
        long begun = TrainingMetrics.Begin();
        StepReport report = TrainOnRows(rows);
        TrainingMetrics.End(begun, report);
        return report;
    }

    /// <summary>A step on some rows, whose targets are set.</summary>
    private protected virtual StepReport TrainOnRows(ReadOnlySpan<int> rows)
    {
        SetRows();
        Gather(Context, rows, _layers[0].InputBuffer);
        DropAndPrepare();
        return TrainOnInputs();
    }

    /// <summary>Scaled rows with their ones.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="rows">Their numbers.</param>
    /// <param name="destination">[at least numbers × (inputs + 1)].</param>
    private protected void Gather(KernelContext context, ReadOnlySpan<int> rows, Matrix destination)
    {
        rows.CopyTo(_numbers);
        ScaledRows.Gather(context, _numbers.AsMemory(0, rows.Length), destination);
    }

    /// <summary>The same of rows that are handed in.</summary>
    private protected void Scale(KernelContext context, ReadOnlyMatrixView inputs, MatrixView destination)
    {
        for (int row = 0; row < inputs.Rows; row++)
        {
            inputs.Row(row).CopyTo(destination.Row(row));
            ScaledRows.Complete(context.Width, destination.Row(row));
        }
    }

    /// <summary>Drops inputs of the next step.</summary>
    private protected void Drop(MatrixView h)
    {
        if (_dropout.IsOn) _dropout.Apply(h, _firstStep + _step);
    }

    private void DropAndPrepare()
    {
        Drop(_layers[0].Input);
        PrepareInputs();
    }

    /// <summary>The oldest batch in flight; by default none ever is.</summary>
    private protected virtual StepReport FinishOldest() => default;

    private void SetRows()
    {
        foreach (BiasedLayer layer in _layers) layer.SetRows(Rows);
    }

    private StepReport TrainOnInputs()
    {
        if (IsSmoothed) Smooth(Context, _smoothed.Top(Rows));
        _work.ForRows(_sweep, new RowRange(0, Rows));
        if (!IsByRows) UpdateAllDeviations();
        MatrixView product = _layers[^1].Product;
        double loss = Objective.Loss(Context, product, Targets, Start.Loss) / Rows;
        double objective = IsSmoothed ? Objective.Loss(Context, product, SmoothedTargets, Start.Loss) / Rows : loss;
        MeasureResiduals();
        Divergence divergence = Check(loss);
        if (divergence.Kind == DivergenceKind.None) divergence = UpdateWeights(_step, objective);
        if (divergence.Kind == DivergenceKind.None && _average is not null)
        {
            for (int i = 0; i < _layers.Length; i++) _average.Add(Context, i, _layers[i], UnitsOf(i), _firstStep + _step);
        }
        _step++;
        return new StepReport(loss, objective, _residuals, [], divergence, Rows);
    }

    /// <summary>Whether targets are smoothed.</summary>
    private protected bool IsSmoothed => _labelSmoothing != 0;

    /// <summary>The present batch's targets, smoothed.</summary>
    private protected void Smooth(KernelContext context, MatrixView smoothed) =>
        Map.Unary(context, new Affine(1 - _labelSmoothing, _labelSmoothing / Outputs), Targets, smoothed);

    private void Sweep(KernelContext context, RowRange rows)
    {
        FeedForward(context, rows);
        if (IsByRows) UpdateDeviations(context, rows);
    }

    private void FeedForward(KernelContext context, RowRange rows)
    {
        int last = _layers.Length - 1;
        for (int i = 0; i <= last; i++)
        {
            LayerPart layer = On(i, rows);
            Gemm.Multiply(context, GemmForm.NT, layer.Input, layer.Weights, layer.Product);
            if (i < last) layer.Activation.Apply(context, layer.Product, On(i + 1, rows).Input.SliceCols(layer.Units.First, layer.Units.Count));
            if (IsShared(i)) Ranks!.GatherColumns(i < last ? On(i + 1, rows).Input.SliceCols(0, _layers[i].Outputs) : OutputOn(rows).Product);
        }
    }

    private void MeasureResiduals()
    {
        for (int i = 0; i < _layers.Length; i++) _residuals[i] = CountedOnce(i, Reduce.SumSquares(Context, On(i, new RowRange(0, Rows)).Deviation));
        Ranks?.Sum(_residuals);
        for (int i = 0; i < _layers.Length; i++) _residuals[i] = Math.Sqrt(_residuals[i] / ((double)Rows * _layers[i].Outputs));
    }

    /// <summary>What a rank adds to a sum over the ranks for a layer: its units' part, or, where all have all units, the first one's.</summary>
    private protected double CountedOnce(int layer, double ofUnits) => Ranks is null || IsShared(layer) || Ranks.Ranks.Rank == 0 ? ofUnits : 0;

    /// <summary>Half the mean square norm of a sample's targets, of the present batch.</summary>
    private protected double TargetSize(KernelContext context) => 0.5 * Reduce.SumSquares(context, Targets) / Rows;

    /// <summary>Whether the run has diverged with a step's loss.</summary>
    private protected bool HasGrown(double loss, double targetSize) => _watch.Diverges(loss, targetSize);

    /// <summary>The next step's number, which is taken now.</summary>
    private protected int TakeStep() => _step++;

    /// <summary>The mean of the last weights; null for none.</summary>
    private protected WeightAverage? Average => _average;

    private Divergence Check(double loss)
    {
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            if (!double.IsFinite(_residuals[i]) || !double.IsFinite(loss)) return new Divergence(DivergenceKind.NotFinite, i + 1, loss);
        }
        return HasGrown(loss, TargetSize(Context)) ? new Divergence(DivergenceKind.LossGrowth, _layers.Length, loss) : default;
    }
}
