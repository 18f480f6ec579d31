using System.Diagnostics;
using Lpom.Cli.Options;
using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Training;

namespace Lpom.Cli.Training;

/// <summary>Trains a network on a data set: the loop over epochs and batches around <see cref="Trainer"/>.</summary>
/// <remarks>The steps of the loop run on the calling thread and allocate nothing.</remarks>
internal sealed class TrainingRun : IDisposable
{
    /// <summary>Training rows on which trainAccuracy is measured.</summary>
    private const int MeasuredTrainRows = 10_000;

    /// <summary>Steps, at most, that are no part of the measured allocation when there is one epoch only.</summary>
    private const int WarmUpSteps = 10;

    private readonly DataView _train;
    private readonly DataView _validation;
    private readonly DataView _test;
    private readonly BatchOrder _order;
    private readonly Stopwatch _clock;
    private readonly Trainer _trainer;
    private readonly BatchSteps _steps;
    private readonly LearningTask _task;
    private readonly int? _patience;
    private readonly Evaluation _evaluation;
    private StepAllocation _allocation;

    /// <summary>Makes the start network and allocates everything; its time counts as training.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="data">On what.</param>
    /// <param name="widths">Inputs, hidden widths, classes.</param>
    /// <param name="epochs">At least 1.</param>
    public TrainingRun(TrainSettings settings, Dataset data, int[] widths, int epochs)
    {
        _clock = Stopwatch.StartNew();
        (_train, _validation) = data.HoldOut(settings.ValidationOf(data.Train.Rows));
        _test = data.Test;
        Epochs = epochs;
        _order = new BatchOrder(_train.Rows, settings.Batch, settings.Seed);
        _task = settings.Task;
        _patience = settings.Patience;
        (Start, _trainer) = TrainerFactory.Create(settings, _train, widths, _order.BatchSize, checked(epochs * _order.Count));
        _steps = new BatchSteps(_trainer, _train, _order.BatchSize, settings.Task);
        _clock.Stop();
        _evaluation = new Evaluation(Start, settings.Task, settings.Threads);
    }

    /// <summary>The network before the first step.</summary>
    public Network Start { get; }

    public int Epochs { get; }

    public int BatchSize => _order.BatchSize;

    public int StepsPerEpoch => _order.Count;

    public int TrainRows => _train.Rows;

    public void Dispose()
    {
        _trainer.Dispose();
        _evaluation.Dispose();
    }

    /// <summary>Trains to the end, until a signal, or until training diverges.</summary>
    /// <param name="interruption">Asked after every step.</param>
    /// <param name="progress">Told of every step and epoch.</param>
    /// <param name="epochDone">Told of every epoch.</param>
    public TrainingOutcome Run(Interruption interruption, TrainingProgress progress, Action<EpochReport> epochDone)
    {
        var start = new Snapshot(OnRawRows(Start), 0, default);
        (Snapshot before, Snapshot last, Snapshot best) = (start, start, start);
        for (int epoch = 1; epoch <= Epochs; epoch++)
        {
            EpochSums sums = RunEpoch(epoch, interruption, progress);

            // A failure in the first step is the work of the step before it, whose weights the last snapshot holds.
            if (sums.Divergence.Kind != DivergenceKind.None)
                return Diverged(sums.Steps > 0 ? last : before, epoch, sums.Divergence.ToString());
            Network network = OnRawRows(_trainer.ToNetwork());
            EpochReport report = Measure(network, epoch, sums, out bool isFinite);
            if (!isFinite)
                return Diverged(last, epoch, "the loss on the training rows after it is not finite");
            if (sums.Steps < _order.Count)
                return Outcome(new Snapshot(network, epoch - 1, report), isInterrupted: true);
            (before, last) = (last, new Snapshot(network, epoch, report));
            progress.Epoch(report);
            epochDone(report);
            if (interruption.Requested && epoch < Epochs)
                return Outcome(last, isInterrupted: true);
            if (_patience is null)
                continue;
            if (best.Epochs == 0 || report.Validation!.Value.IsBetterThan(best.Report.Validation!.Value))
                best = last;
            else if (epoch - best.Epochs >= _patience)
                break;
        }

        return Outcome(_patience is null ? last : best) with { StoppedAfter = last.Epochs };
    }

    private EpochSums RunEpoch(int epoch, Interruption interruption, TrainingProgress progress)
    {
        int warmUp = epoch > 1 ? 0 : Epochs > 1 ? _order.Count : Math.Min(WarmUpSteps, _order.Count / 2);
        var sums = default(EpochSums);
        var before = default(AllocatedBytes);
        // What the evaluation left behind is cleared away by the runtime's own thread, whose bytes are not a step's.
        GC.WaitForPendingFinalizers();
        _clock.Start();
        _order.StartEpoch(epoch);
        for (int batch = 0; batch < _order.Count; batch++)
        {
            if (interruption.Requested)
                break;
            if (sums.Steps == warmUp)
                before = AllocatedBytes.Now;
            if (!RunStep(_order[batch], ref sums))
                break;
            progress.Step();
        }

        if (sums.Steps > warmUp)
            _allocation.Add(before, AllocatedBytes.Now, sums.Steps - warmUp);
        _clock.Stop();
        return sums;
    }

    private bool RunStep(ReadOnlySpan<int> batch, ref EpochSums sums)
    {
        StepReport report = _steps.Step(batch);
        int rows = batch.Length;
        sums.Divergence = report.Divergence;
        if (report.Diverged)
            return false;
        sums.Steps++;
        sums.Rows += rows;
        sums.Objective += report.Objective * rows;
        sums.Loss += report.Loss * rows;
        return true;
    }

    private EpochReport Measure(Network network, int epoch, EpochSums sums, out bool isFinite)
    {
        double rows = Math.Max(1, sums.Rows);
        Score train = _evaluation.Measure(network, _train, MeasuredTrainRows)!.Value;
        isFinite = double.IsFinite(train.Loss);
        return new EpochReport(
            epoch,
            _clock.Elapsed.TotalSeconds,
            sums.Objective / rows,
            sums.Loss / rows,
            train,
            _evaluation.Measure(network, _validation),
            _evaluation.Measure(network, _test));
    }

    // An autoencoder is trained to give scaled rows.
    private Network OnRawRows(Network network) =>
        _task == LearningTask.Autoencode ? ((RowTrainer)_trainer).Scaling.FoldIntoOutput(network) : network;

    private TrainingOutcome Diverged(Snapshot good, int epoch, string problem)
    {
        if (good.Epochs == 0)
            good = good with { Report = Measure(good.Network, 0, default, out _) };
        return Outcome(good) with { Divergence = $"in epoch {epoch}: {problem}" };
    }

    private TrainingOutcome Outcome(Snapshot snapshot, bool isInterrupted = false) => new()
    {
        Network = snapshot.Network,
        Epochs = snapshot.Epochs,
        StoppedAfter = snapshot.Epochs,
        Last = snapshot.Report,
        AllocatedBytesPerStep = _allocation.BytesPerStep,
        IsInterrupted = isInterrupted,
    };

    /// <summary>A network, the whole epochs behind it, and its figures.</summary>
    private readonly record struct Snapshot(Network Network, int Epochs, EpochReport Report);

    private struct EpochSums
    {
        public int Steps;
        public long Rows;
        public double Objective;
        public double Loss;
        public Divergence Divergence;
    }
}
