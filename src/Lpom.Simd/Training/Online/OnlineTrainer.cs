using System.Diagnostics;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Training.Online;

/// <summary>
/// Learning in the app: streaming mode on small batches of live data, under a time budget, that hands out immutable networks while
/// predictions go on with the one before. Steps allocate nothing; <see cref="Publish"/> and <see cref="Renew"/> do.
/// </summary>
/// <remarks>
/// <para>One thread at a time takes steps and publishes; any thread may read <see cref="Latest"/> at any time, without locks.</para>
/// <para>Inputs are in the metric of the reference rows. Where the inputs themselves change, not only what they mean, <see cref="Renew"/> with newer rows.</para>
/// <para>Without a budget, the same start, reference rows, options and batches give the same bits, for any number of threads.</para>
/// </remarks>
public sealed class OnlineTrainer : IDisposable
{
    /// <summary>A budget without an end.</summary>
    public static readonly TimeSpan NoBudget = Timeout.InfiniteTimeSpan;

    // As many as streaming mode makes its inverses often in; the last of them makes one. The first ones pay for what is compiled late.
    private const int PreparingSteps = 26, FirstMeasured = 4;

    // 70 good steps make up for a divergence. Bad batches without end leave some: learning must not stop for ever.
    private const float Regained = 1.01f, LeastCaution = 1f / 64;

    private readonly OnlineOptions _options;
    private readonly StepCost[] _costs = new StepCost[2];
    private ISampleRows _reference;
    private InputScaling _scaling;
    private StreamingTrainer _trainer;
    private Network _latest;
    private Network _good;
    private Network _taken;
    private float _caution = 1f;
    private bool _isAhead;
    private bool _hasGoneBack;

    /// <summary>Reads the reference rows and runs the network on them for the metrics of its layers; its weights stay as they are.</summary>
    /// <param name="start">The network to go on from, with a linear output; it is <see cref="Latest"/> until the first <see cref="Publish"/>.</param>
    /// <param name="reference">Rows like those to come, without labels: some hundreds do. They stay the trainer's, which reads them again after a divergence.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range.</exception>
    /// <exception cref="ArgumentException">
    /// Rows of another width than the network's inputs, that are all the same, not finite or too small to scale; outputs on them that are
    /// not finite; an output layer that is not linear.
    /// </exception>
    public OnlineTrainer(Network start, ISampleRows reference, OnlineOptions options)
    {
        ArgumentNullException.ThrowIfNull(start);
        OptionChecks.AtLeast(options.MaxBatch, 1, nameof(options.MaxBatch));
        _options = options;
        _reference = reference;
        _scaling = InputScaling.FitSample(reference, options.Threads);
        _trainer = Prepared(start, reference, _scaling);
        start.Prepare();
        _latest = _good = _taken = start;
    }

    /// <summary>The network published last: whole, and never changed again. For any thread.</summary>
    public Network Latest => Volatile.Read(ref _latest);

    /// <summary>
    /// Trains on labelled samples, in steps of at most <see cref="OnlineOptions.MaxBatch"/>, as long as the budget lasts: a step begins only
    /// if it is likely to end within it, by how long those before took; work that can wait is put off.
    /// </summary>
    /// <remarks>
    /// After a divergence training goes back to the network published last, or, where the loss had begun to grow by then, the last one from before;
    /// with steps of half the size, at least a 64th, that grow by a hundredth each, and the other samples are left. That may take longer than the
    /// budget, and allocates. <see cref="Latest"/> stays.
    /// </remarks>
    /// <param name="inputs">The samples [m × Inputs], m from 1, finite.</param>
    /// <param name="labels">The classes [m], from 0 to Outputs − 1.</param>
    /// <param name="budget">The time that may pass, not negative, or <see cref="NoBudget"/>.</param>
    /// <returns>How many of the samples were trained on, and their loss.</returns>
    /// <exception cref="ArgumentException">A wrong shape, values that are not finite, or a label out of range; thrown before any work.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative budget.</exception>
    public OnlineReport Step(ReadOnlyMatrixView inputs, ReadOnlySpan<int> labels, TimeSpan budget)
    {
        CheckInputs(inputs);
        _trainer.CheckLabels(inputs.Rows, labels);
        return Train(new Batch(inputs, labels, default), budget);
    }

    /// <summary>The same with targets of any kind.</summary>
    /// <param name="inputs">The samples [m × Inputs], m from 1, finite.</param>
    /// <param name="targets">L [m × Outputs], finite.</param>
    /// <param name="budget">The time that may pass, not negative, or <see cref="NoBudget"/>.</param>
    /// <inheritdoc cref="Step(ReadOnlyMatrixView, ReadOnlySpan{int}, TimeSpan)" path="/returns" />
    /// <exception cref="ArgumentException">A wrong shape, or values that are not finite; thrown before any work.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative budget.</exception>
    public OnlineReport Step(ReadOnlyMatrixView inputs, ReadOnlyMatrixView targets, TimeSpan budget)
    {
        CheckInputs(inputs);
        _trainer.CheckTargets(inputs.Rows, targets);
        if (!Reduce.AllFinite(KernelContext.Serial, targets)) throw new ArgumentException("The targets hold values that are not finite.", nameof(targets));
        return Train(new Batch(inputs, [], targets), budget);
    }

    /// <summary>Makes the weights as they are a network of float32, ready for predictions, and <see cref="Latest"/>; which it stays if no step was taken since.</summary>
    /// <returns><see cref="Latest"/>: the one before where weights on raw inputs are not finite, after which training goes back as after a divergence.</returns>
    public Network Publish()
    {
        if (!_isAhead) return Latest;
        Network network = _trainer.ToNetwork();
        if (!network.IsFinite)
        {
            GoBack();
            return Latest;
        }
        network.Prepare();
        if (!_trainer.Watch.IsSuspect) (_good, _hasGoneBack) = (network, false);
        Volatile.Write(ref _latest, network);
        _isAhead = false;
        return network;
    }

    /// <summary>Takes the metrics anew from newer rows, and goes on from the weights as they are. Takes as long as the constructor.</summary>
    /// <inheritdoc cref="OnlineTrainer(Network, ISampleRows, OnlineOptions)" path="/param[@name='reference']" />
    /// <exception cref="ArgumentException">Rows that the constructor would not take; nothing has changed then.</exception>
    public void Renew(ISampleRows reference)
    {
        Network network = _trainer.ToNetwork();
        InputScaling scaling = InputScaling.FitSample(reference, _options.Threads);
        Replace(Prepared(network, reference, scaling));
        (_taken, _reference, _scaling) = (network, reference, scaling);
    }

    /// <inheritdoc />
    public void Dispose() => _trainer.Dispose();

    private OnlineReport Train(Batch batch, TimeSpan budget)
    {
        long end = EndOf(budget);
        int steps = ((batch.Rows - 1) / _options.MaxBatch) + 1, trained = 0;
        double loss = 0;
        for (int i = 0; i < steps; i++)
        {
            // Steps of nearly the same size: a last one of few samples would be noisy.
            int rows = (int)((long)batch.Rows * (i + 1) / steps) - trained;
            long begun = Stopwatch.GetTimestamp();
            if (!HasTime(end - begun)) break;
            bool refreshes = _trainer.IsRefreshDue && !_trainer.HoldsRefreshes;
            _trainer.StepScale = _caution * rows / _options.MaxBatch;
            StepReport report = batch.Train(_trainer, trained, rows);
            Cost(refreshes).Add(Stopwatch.GetTimestamp() - begun);
            if (report.Diverged)
            {
                GoBack();
                return new OnlineReport(trained, loss / trained, report.Divergence);
            }
            _caution = MathF.Min(1f, _caution * Regained);
            _isAhead = true;
            loss += report.Loss * rows;
            trained += rows;
        }
        return new OnlineReport(trained, loss / trained, default);
    }

    // Whether a step fits into the time that is left, if need be one that puts off the inverses.
    private bool HasTime(long left)
    {
        _trainer.HoldsRefreshes = _trainer.IsRefreshDue && Cost(refreshes: true).Ticks > left;
        if (_trainer.HoldsRefreshes) Cost(refreshes: true).Forget();
        if (left > 0 && Cost(refreshes: false).Ticks <= left) return true;
        Cost(refreshes: false).Forget();
        return false;
    }

    // By the scale from before: by that of a bad batch nothing would seem to grow. Weights that fail once more where they were good are
    // not the cause: then it is the targets that have another size now.
    private void GoBack()
    {
        LossWatch watch = _hasGoneBack ? default : _trainer.Watch.Anew();
        _caution = MathF.Max(LeastCaution, _caution / 2);
        _hasGoneBack = true;
        if (!TryGoBack(_good) && !TryGoBack(_taken)) return;
        _trainer.Watch = watch;
        _isAhead = _good != Latest;
    }

    // The reference rows are known to go through the network that they were taken in with, but not through others.
    private bool TryGoBack(Network network)
    {
        if (TryPrepare(network, _reference, _scaling) is not { } trainer) return false;
        Replace(trainer);
        _good = _taken = network;
        return true;
    }

    private StreamingTrainer Prepared(Network start, ISampleRows reference, InputScaling scaling) =>
        TryPrepare(start, reference, scaling) ?? throw new ArgumentException("The network's outputs on the reference rows are not finite.", nameof(reference));

    private StreamingTrainer? TryPrepare(Network start, ISampleRows reference, InputScaling scaling)
    {
        var trainer = new StreamingTrainer(start, _options.Streaming(start), reference, scaling);
        if (TakesIn(trainer, start, reference)) return trainer;
        trainer.Dispose();
        return null;
    }

    // Steps of no size, for the metrics of the hidden layers and the times that steps take. With targets of zero the loss means nothing: it
    // may grow, and live targets are not measured by it.
    private bool TakesIn(StreamingTrainer trainer, Network start, ISampleRows reference)
    {
        int[] rows = new int[_options.MaxBatch];
        var targets = new Matrix(rows.Length, start.Outputs);
        trainer.StepScale = 0;
        for (int step = 0; step < PreparingSteps; step++)
        {
            for (int i = 0; i < rows.Length; i++) rows[i] = (int)(((long)step * rows.Length + i) % reference.Rows);
            if (step == FirstMeasured) Array.Clear(_costs);
            bool refreshes = trainer.IsRefreshDue;
            long begun = Stopwatch.GetTimestamp();
            if (trainer.StepOnRows(rows, targets.View).Diverged) return false;
            trainer.Watch = default;
            Cost(refreshes).Add(Stopwatch.GetTimestamp() - begun);
        }
        return true;
    }

    private ref StepCost Cost(bool refreshes) => ref _costs[refreshes ? 1 : 0];

    private void Replace(StreamingTrainer trainer)
    {
        _trainer.Dispose();
        _trainer = trainer;
    }

    private void CheckInputs(ReadOnlyMatrixView inputs)
    {
        if (inputs.Rows < 1) throw new ArgumentException("The batch has no samples.", nameof(inputs));
        _trainer.CheckWidth(inputs);
        if (!Reduce.AllFinite(KernelContext.Serial, inputs)) throw new ArgumentException("The samples hold values that are not finite.", nameof(inputs));
    }

    private static long EndOf(TimeSpan budget)
    {
        if (budget == NoBudget) return long.MaxValue;
        if (budget < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(budget), budget, "Expected a time that is not negative.");
        double ticks = budget.TotalSeconds * Stopwatch.Frequency;
        long now = Stopwatch.GetTimestamp();
        return ticks < long.MaxValue - now ? now + (long)ticks : long.MaxValue;
    }

    /// <summary>Samples with labels, or with targets.</summary>
    private readonly ref struct Batch(ReadOnlyMatrixView inputs, ReadOnlySpan<int> labels, ReadOnlyMatrixView targets)
    {
        private readonly ReadOnlyMatrixView _inputs = inputs;
        private readonly ReadOnlySpan<int> _labels = labels;
        private readonly ReadOnlyMatrixView _targets = targets;

        public int Rows => _inputs.Rows;

        public StepReport Train(StreamingTrainer trainer, int first, int rows) => _labels.IsEmpty
            ? trainer.Step(_inputs.SliceRows(first, rows), _targets.SliceRows(first, rows))
            : trainer.Step(_inputs.SliceRows(first, rows), _labels.Slice(first, rows));
    }
}
