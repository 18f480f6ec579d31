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
    private readonly Batches _batches;
    private readonly Stopwatch _clock;
    private readonly Trainer _trainer;
    private readonly Evaluation _evaluation;
    private long _allocated;
    private long _measuredSteps;

    /// <summary>Makes the start network and allocates everything; its time counts as training.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="data">On what.</param>
    /// <param name="widths">Inputs, hidden widths, classes.</param>
    /// <param name="epochs">At least 1.</param>
    public TrainingRun(TrainSettings settings, Dataset data, int[] widths, int epochs)
    {
        _clock = Stopwatch.StartNew();
        (_train, _validation) = data.HoldOut(settings.Validation);
        _test = data.Test;
        Epochs = epochs;
        _batches = new Batches(_train, settings.Batch, settings.Seed);
        Start = NetworkInit.Glorot(widths, settings.Hidden, settings.OutputOf(widths.Length - 2), settings.Loss, settings.Seed);
        _trainer = new Trainer(Start, new TrainerOptions
        {
            Mu = settings.MuOf(widths.Length - 1),
            Schedule = settings.Schedule,
            TotalSteps = checked(epochs * _batches.Count),
            MaxBatch = _batches.Size,
            Threads = settings.Threads,
            Seed = settings.Seed,
        });
        _clock.Stop();
        _evaluation = new Evaluation(Start, settings.Threads);
    }

    /// <summary>The network before the first step.</summary>
    public Network Start { get; }

    public int Epochs { get; }

    public int BatchSize => _batches.Size;

    public int StepsPerEpoch => _batches.Count;

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
        Network good = Start;
        EpochReport last = default;
        for (int epoch = 1; epoch <= Epochs; epoch++)
        {
            EpochSums sums = RunEpoch(epoch, interruption, progress);
            if (sums.Divergence.Kind != DivergenceKind.None)
                return Outcome(good, epoch - 1, epoch == 1 ? Measure(good, 0, default) : last, sums.Divergence);
            Network network = _trainer.ToNetwork();
            EpochReport report = Measure(network, epoch, sums);
            if (sums.Steps < _batches.Count)
                return Outcome(network, epoch - 1, report, default, isInterrupted: true);
            (good, last) = (network, report);
            progress.Epoch(report);
            epochDone(report);
            if (interruption.Requested && epoch < Epochs)
                return Outcome(good, epoch, last, default, isInterrupted: true);
        }

        return Outcome(good, Epochs, last, default);
    }

    private EpochSums RunEpoch(int epoch, Interruption interruption, TrainingProgress progress)
    {
        int warmUp = epoch > 1 ? 0 : Epochs > 1 ? _batches.Count : Math.Min(WarmUpSteps, _batches.Count / 2);
        var sums = default(EpochSums);
        long before = 0;
        _clock.Start();
        foreach (Batch batch in _batches.Epoch(epoch))
        {
            if (interruption.Requested)
                break;
            if (sums.Steps == warmUp)
                before = AllocatedBytes();
            if (!RunStep(batch, ref sums))
                break;
            progress.Step();
        }

        if (sums.Steps > warmUp)
        {
            _allocated += AllocatedBytes() - before;
            _measuredSteps += sums.Steps - warmUp;
        }

        _clock.Stop();
        return sums;
    }

    private bool RunStep(Batch batch, ref EpochSums sums)
    {
        StepReport report = _trainer.Step(batch.Inputs, batch.Labels);
        int rows = batch.Labels.Length;
        sums.Divergence = report.Divergence;
        if (report.Diverged)
            return false;
        sums.Steps++;
        sums.Rows += rows;
        sums.Objective += report.Objective * rows;
        sums.Loss += report.Loss * rows;
        return true;
    }

    /// <summary>Of all threads, exact.</summary>
    private static long AllocatedBytes() => GC.GetTotalAllocatedBytes(precise: true);

    private EpochReport Measure(Network network, int epoch, EpochSums sums)
    {
        double rows = Math.Max(1, sums.Rows);
        return new EpochReport(
            epoch,
            _clock.Elapsed.TotalSeconds,
            sums.Objective / rows,
            sums.Loss / rows,
            _evaluation.Measure(network, _train, MeasuredTrainRows)!.Value.Accuracy,
            _evaluation.Measure(network, _validation)?.Accuracy,
            _evaluation.Measure(network, _test)?.Accuracy);
    }

    private TrainingOutcome Outcome(Network network, int epochs, EpochReport last, Divergence divergence, bool isInterrupted = false) => new()
    {
        Network = network,
        Epochs = epochs,
        Last = last,
        AllocatedBytesPerStep = _measuredSteps == 0 ? 0 : (double)_allocated / _measuredSteps,
        IsInterrupted = isInterrupted,
        Divergence = divergence,
    };

    private struct EpochSums
    {
        public int Steps;
        public long Rows;
        public double Objective;
        public double Loss;
        public Divergence Divergence;
    }
}
