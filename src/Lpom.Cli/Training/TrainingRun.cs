using System.Diagnostics;
using System.Numerics.Tensors;
using Lpom.Cli.Distributed;
using Lpom.Cli.Options;
using Lpom.Cli.Training.Checkpoints;
using Lpom.Cli.Training.Display;
using Lpom.Data;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Model;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Distributed;

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
    private readonly TrainSettings _settings;
    private readonly int[] _widths;
    private readonly int? _patience;

    // Before the first step; where ranks divide the layers, as all networks here, this one's block.
    private readonly Network _start;
    private readonly Evaluation _evaluation;
    private readonly TargetScaling? _scaling;
    private readonly RunPosition _at;
    private readonly ICommunicator? _ranks;
    private readonly NetworkBlocks? _blocks;
    private readonly int[] _agreed = new int[1];
    private Trainer _trainer;
    private BatchSteps _steps;
    private StepAllocation _allocation;
    private double _secondsBefore;
    private int _warmUpLeft;

    /// <summary>Makes the start network and allocates everything; its time counts as training.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="data">On what.</param>
    /// <param name="widths">Inputs, hidden widths, classes.</param>
    /// <param name="epochs">At least 1.</param>
    /// <param name="ranks">The processes that train together; null for this one alone.</param>
    /// <param name="blocks">Of those, where they divide the network's layers; else null.</param>
    public TrainingRun(TrainSettings settings, Dataset data, int[] widths, int epochs, ICommunicator? ranks = null, NetworkBlocks? blocks = null)
    {
        _clock = Stopwatch.StartNew();
        (_train, _validation) = data.HoldOut(settings.ValidationOf(data.Train.Rows));
        _test = data.Test;
        _scaling = settings.Task == LearningTask.Regress ? TargetScaling.Fit(_train) : null;
        Epochs = epochs;
        _order = new BatchOrder(_train.Rows, settings.Batch, settings.Seed);
        (_settings, _widths, _ranks, _blocks) = (settings, widths, ranks, blocks);
        _patience = settings.Patience;
        (_start, _trainer) = CreateTrainer(restart: null);
        _steps = new BatchSteps(_trainer, _train, _order.BatchSize, settings.Task, _scaling);
        _clock.Stop();
        _evaluation = new Evaluation(_start, settings.Task, settings.Threads, blocks);
        if (TryOnRawRows(_start) is null)
            throw new BadInputException($"the numbers to learn of {data.Name} are so large that weights for them are not finite in float32; expected them below 1e37 in size");
        _warmUpLeft = epochs > 1 ? _order.Count : Math.Min(WarmUpSteps, _order.Count / 2);
        var start = new Snapshot(_start, 0, default);
        _at = new RunPosition(widths.Length - 1) { Last = start, Before = start, Best = start, BestBefore = start };
    }

    /// <summary>The widths, such as 784-300-10.</summary>
    public string NetworkShape => string.Join('-', _widths);

    /// <summary>Weights and biases of all layers.</summary>
    public long Parameters => _blocks is null ? _start.Parameters : _widths.Skip(1).Select((outputs, i) => (_widths[i] + 1L) * outputs).Sum();

    public int Epochs { get; }

    public int BatchSize => _order.BatchSize;

    public int StepsPerEpoch => _order.Count;

    public int TrainRows => _train.Rows;

    /// <summary>The epoch that is being trained, from 1.</summary>
    public int Epoch => _at.Epoch;

    /// <summary>Of the weights at the end of the last epoch, which all ranks have; null for a process alone.</summary>
    public string? Digest { get; private set; }

    /// <summary>The processes that train together.</summary>
    public int Ranks => _ranks?.Size ?? 1;

    /// <summary>Of every epoch that is done, those before a resumption among them.</summary>
    public IReadOnlyList<EpochReport> History => _at.History;

    /// <summary>Whether nothing is left to train.</summary>
    public bool IsOver => _at.IsOver;

    /// <summary>Steps that are done, of all epochs.</summary>
    public int StepsDone => ((_at.Epoch - 1) * _order.Count) + _at.Batch;

    /// <summary>What the display of the run is about.</summary>
    public RunShape Shape => new(Epochs, _order.Count, _widths.Length - 1, _settings.Method is TrainSettings.SgdMethod or TrainSettings.AdamMethod ? "delta" : "residual");

    private double Seconds => _secondsBefore + _clock.Elapsed.TotalSeconds;

    public void Dispose()
    {
        _trainer.Dispose();
        _evaluation.Dispose();
    }

    /// <summary>Trains to the end, until a signal, or until training diverges.</summary>
    /// <param name="interruption">Asked after every step.</param>
    /// <param name="progress">Told of every step and epoch.</param>
    /// <param name="epochDone">Told of every epoch.</param>
    /// <param name="checkpoints">Written as often as they are to be; null for none.</param>
    /// <param name="restarted">Told when training diverged and goes on from the last good network with smaller steps; null to end it then.</param>
    public TrainingOutcome Run(Interruption interruption, TrainingProgress progress, Action<EpochReport> epochDone, CheckpointWriter? checkpoints = null, Action<RestartReport>? restarted = null)
    {
        while (!_at.IsOver)
        {
            RunEpoch(interruption, progress, checkpoints);
            Network network = _trainer.ToNetwork();
            CheckDigest(network);
            EpochReport report = default;
            if (Problem(network, ref report, out Snapshot good) is string problem)
            {
                if (restarted is null || _at.Restarts == Restart.Most)
                    return Diverged(good, problem);
                restarted(GoBack(good, problem));
                continue;
            }

            if (_at.Batch < _order.Count)
            {
                Write(checkpoints, goesOn: false);
                return Outcome(new Snapshot(network, _at.Epoch - 1, report), isInterrupted: true);
            }

            FinishEpoch(new Snapshot(network, _at.Epoch, report));
            progress.Epoch(report);
            epochDone(report);
            bool isInterrupted = Agree(interruption.Requested), goesOn = !_at.IsOver && !isInterrupted;
            if (!goesOn)
                interruption.Heed();
            if (!goesOn || Agree(checkpoints is { IsOverdue: true }))
                Write(checkpoints, goesOn);
            if (isInterrupted && !_at.IsOver)
                return Outcome(_at.Last, isInterrupted: true);
        }

        return Outcome(_patience is null ? _at.Last : _at.Best) with { StoppedAfter = _at.Last.Epochs };
    }

    /// <summary>Goes on from a checkpoint.</summary>
    /// <param name="stream">Behind the checkpoint's head.</param>
    /// <param name="head">The head.</param>
    /// <exception cref="IOException">It ends too soon, or holds a damaged model.</exception>
    /// <exception cref="InvalidDataException">Its parts do not fit the run, which is then of no more use.</exception>
    public void Resume(Stream stream, Checkpoint.Head head)
    {
        var frame = new RunFrame(_at.Last, _widths.Length - 1, Epochs, _order.Count, _settings.Task == LearningTask.Classify, _validation.Rows > 0, _test.Rows > 0, _patience is not null);
        _secondsBefore = Checkpoint.ReadRest(stream, head, _at, frame, TrainerOfPosition);
        CheckOnRawRows(_at.Last, _at.Before, _at.Best, _at.BestBefore);
    }

    /// <summary>Whether ranks that divide the layers are at the same place of the run: each has read a part of the checkpoint.</summary>
    /// <exception cref="BadInputException">They are not.</exception>
    /// <returns>True.</returns>
    public bool CheckSamePlace()
    {
        int[] place = [_at.Epoch, _at.Batch, _at.IsOver ? 1 : 0, _at.Sums.Steps, _at.Restarts, _at.RestartedAfter, _at.Last.Epochs, _at.Before.Epochs, _at.Best.Epochs, _at.BestBefore.Epochs];
        int[] most = [.. place, .. place.Select(number => -number)];
        _ranks!.Max(most);
        // The largest is this rank's, and so is the least.
        bool isSame = most.Take(place.Length).SequenceEqual(place) && most.Skip(place.Length).SequenceEqual(place.Select(number => -number));
        return isSame ? true : throw new BadInputException($"--resume: the parts of the checkpoint are not of one: rank {_ranks.Rank}'s is in epoch {_at.Epoch}, batch {_at.Batch}");
    }

    /// <summary>Writes what <see cref="Resume"/> reads, and the head before it.</summary>
    public void WriteCheckpoint(Stream stream, RunIdentity identity) =>
        Checkpoint.Write(stream, new Checkpoint.Head(identity, _at.IsOver, (int)SimdLevel.Current), _at, Seconds, _trainer);

    /// <summary>What went wrong in the epoch, and the network before it did; null, and the network's figures, when nothing did.</summary>
    private string? Problem(Network network, ref EpochReport report, out Snapshot good)
    {
        good = _at.Last;
        if (_at.Sums.Divergence.Kind != DivergenceKind.None)
        {
            // A failure in the first step is the work of the step before it, whose weights the last snapshot holds.
            if (_at.Sums.Steps == 0)
                good = _at.Before;
            return _at.Sums.Divergence.ToString();
        }

        Network? onRawRows = TryOnRawRows(network);
        if (Agree(onRawRows is null))
            return "the weights after it, for the data's own units, are not finite";
        report = Measure(network, onRawRows!, _at.Epoch, _at.Sums, out bool isFinite);
        return isFinite ? null : "the loss on the training rows after it is not finite";
    }

    /// <exception cref="WorkFailedException">Another rank has other weights.</exception>
    private void CheckDigest(Network network)
    {
        if (_ranks is null)
            return;
        byte[] own = WeightDigest.Of(network);
        if (_blocks is not null)
        {
            Digest = Convert.ToHexStringLower(_blocks.Digest(own));
            return;
        }

        byte[] first = [.. own];
        _ranks.Broadcast(first, root: 0);
        Digest = Convert.ToHexStringLower(own);
        if (Agree(!own.AsSpan().SequenceEqual(first)))
            throw new WorkFailedException($"the ranks have different weights in epoch {_at.Epoch}: a processor or its memory is faulty, or the ranks are of different builds");
    }

    private RestartReport GoBack(Snapshot good, string problem)
    {
        _at.RestartFrom(good);
        _ = TrainerOfPosition();
        return new RestartReport(problem, good.Epochs, _at.Restarts, RestartOfPosition().StepPart);
    }

    // What a checkpoint's trainer began with is in its state.
    private Restart RestartOfPosition() => new(_at.Last.Network, _at.RestartedAfter * _order.Count, _at.Restarts);

    /// <summary>The trainer of where the run is: the first, or that of the last restart.</summary>
    private Trainer TrainerOfPosition()
    {
        if (_at.Restarts == 0)
            return _trainer;
        // The old one's memory must be free before the new one takes its own.
        _trainer.Dispose();
        (_trainer, _steps) = (null!, null!);
        (_, _trainer) = CreateTrainer(RestartOfPosition());
        _steps = new BatchSteps(_trainer, _train, _order.BatchSize, _settings.Task, _scaling);
        return _trainer;
    }

    private (Network Start, Trainer Trainer) CreateTrainer(Restart? restart)
    {
        int steps = checked(Epochs * _order.Count);
        return _blocks is null
            ? TrainerFactory.Create(_settings, _train, _widths, _order.BatchSize, steps, _ranks, restart)
            : TrainerFactory.CreateBlock(_settings, _train, _blocks.Ranks, _order.BatchSize, steps, restart);
    }

    private void FinishEpoch(Snapshot snapshot)
    {
        _at.History.Add(snapshot.Report);
        (_at.Before, _at.Last, _at.BestBefore) = (_at.Last, snapshot, _at.Best);
        bool isBest = _patience is not null && (_at.Best.Epochs == 0 || snapshot.Report.Validation!.Value.IsBetterThan(_at.Best.Report.Validation!.Value));
        if (isBest)
            _at.Best = snapshot;
        bool hasStopped = _patience is not null && !isBest && _at.Epoch - _at.Best.Epochs >= _patience;
        _at.NextEpoch();
        _at.IsOver = hasStopped || _at.Epoch > Epochs;
    }

    private void RunEpoch(Interruption interruption, TrainingProgress progress, CheckpointWriter? checkpoints)
    {
        int first = _at.Batch, measuredFrom = first + _warmUpLeft;
        // What the evaluation left behind is cleared away by the runtime's own thread, whose bytes are not a step's.
        GC.WaitForPendingFinalizers();
        _clock.Start();
        _order.StartEpoch(_at.Epoch);
        bool stops = false;
        while (_at.Batch < _order.Count && !(stops = CanPause && Agree(interruption.Requested)))
        {
            if (_at.Batch == measuredFrom)
                _allocation.Start(_at.Batch);
            if (!RunStep(_order[_at.Batch], progress))
                break;
            if (checkpoints is null)
                continue;
            // Asked of after every step, as it counts them; agreed upon as seldom as can be, as ranks wait for each other.
            bool isDue = checkpoints.IsDue();
            if (!CanPause || !Agree(isDue))
                continue;
            if (!FinishSteps(progress))
                break;
            measuredFrom = Pause(checkpoints, measuredFrom);
        }

        _ = FinishSteps(progress);
        if (stops)
            interruption.Heed();
        _allocation.Stop(_at.Batch);
        _clock.Stop();
        _warmUpLeft = Math.Max(0, _warmUpLeft - (_at.Batch - first));
    }

    /// <summary>Whether a stop now is none that a resumed run would show.</summary>
    private bool CanPause => _trainer is not RowTrainer onRows || onRows.CanPause;

    /// <summary>Writes a checkpoint, whose time and memory are none of the steps'.</summary>
    /// <returns>The step from which memory is measured on.</returns>
    private int Pause(CheckpointWriter checkpoints, int measuredFrom)
    {
        _allocation.Stop(_at.Batch);
        _clock.Stop();
        Write(checkpoints, goesOn: true);
        GC.WaitForPendingFinalizers();
        _clock.Start();
        return Math.Max(measuredFrom, _at.Batch);
    }

    private void Write(CheckpointWriter? checkpoints, bool goesOn)
    {
        if (checkpoints is null)
            return;
        (_trainer as RowTrainer)?.CollectState();
        checkpoints.Write(this, goesOn);
    }

    /// <summary>Whether it is so on any rank: all go on alike.</summary>
    private bool Agree(bool isSo)
    {
        if (_ranks is null)
            return isSo;
        _agreed[0] = isSo ? 1 : 0;
        _ranks.Max(_agreed);
        return _agreed[0] == 1;
    }

    private bool RunStep(ReadOnlySpan<int> batch, TrainingProgress progress)
    {
        StepReport report = _steps.Step(batch);
        if (!report.Diverged)
            _at.Batch++;
        return Count(report, progress);
    }

    /// <summary>Finishes the batches that are in flight where batches overlap.</summary>
    /// <returns>False when one of them diverged, now or before.</returns>
    private bool FinishSteps(TrainingProgress progress)
    {
        bool goesOn = _at.Sums.Divergence.Kind == DivergenceKind.None;
        while (goesOn && _trainer is RowTrainer onRows)
        {
            StepReport report = onRows.FinishStep();
            if (report.Rows == 0)
                break;
            goesOn = Count(report, progress);
        }

        return goesOn;
    }

    /// <summary>Takes in the report of a batch, which may be another one than the last that was taken in, or none.</summary>
    /// <returns>False when it diverged.</returns>
    private bool Count(in StepReport report, TrainingProgress progress)
    {
        ref EpochSums sums = ref _at.Sums;
        sums.Divergence = report.Divergence;
        if (report.Diverged)
            return false;
        int rows = report.Rows;
        if (rows == 0)
            return true;
        sums.Steps++;
        sums.Rows += rows;
        sums.Objective += report.Objective * rows;
        sums.Loss += report.Loss * rows;
        TensorPrimitives.Add(_at.Residuals, report.Residuals, _at.Residuals);
        progress.Step(report, rows, ((_at.Epoch - 1) * _order.Count) + sums.Steps);
        return true;
    }

    private EpochReport Measure(Network network, Network onRawRows, int epoch, EpochSums sums, out bool isFinite)
    {
        double rows = Math.Max(1, sums.Rows);
        double[] norms = _blocks?.Norms(network) ?? [.. network.Layers.Select(LayerFigures.NormOf)];
        LayerFigures[] layers = [.. norms.Select((norm, i) => new LayerFigures(sums.Steps == 0 ? double.NaN : _at.Residuals[i] / sums.Steps, norm))];
        Score train = _evaluation.Measure(onRawRows, _train, MeasuredTrainRows)!.Value;
        isFinite = double.IsFinite(train.Loss);
        return new EpochReport(
            epoch,
            Seconds,
            sums.Objective / rows,
            sums.Loss / rows,
            train,
            _evaluation.Measure(onRawRows, _validation),
            _evaluation.Measure(onRawRows, _test),
            layers);
    }

    // An autoencoder is trained to give scaled rows, and a regression scaled numbers.
    private Network OnRawRows(Network network) => _settings.Task switch
    {
        _ when _blocks is { Ranks.HasLastLayer: false } => network,
        LearningTask.Autoencode => ((RowTrainer)_trainer).Scaling.FoldIntoOutput(network),
        LearningTask.Regress => _scaling!.FoldInto(network),
        _ => network,
    };

    /// <summary>The same; null for weights that overflow once the scales of the rows are folded into them.</summary>
    private Network? TryOnRawRows(Network network)
    {
        try
        {
            return OnRawRows(network);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <exception cref="InvalidDataException">Weights that overflow once the scales of the rows are folded into them.</exception>
    private void CheckOnRawRows(params ReadOnlySpan<Snapshot> snapshots)
    {
        foreach (Snapshot snapshot in snapshots)
        {
            if (TryOnRawRows(snapshot.Network) is null)
                throw new InvalidDataException($"its model after epoch {snapshot.Epochs} is of no use: its weights, for the data's own units, are not finite");
        }
    }

    private TrainingOutcome Diverged(Snapshot good, string problem)
    {
        if (good.Epochs == 0)
            good = good with { Report = Measure(good.Network, OnRawRows(good.Network), 0, default, out _) };
        string after = _at.Restarts > 0 ? $", after {_at.Restarts} restarts with smaller steps" : "";
        return Outcome(good) with { Divergence = $"in epoch {_at.Epoch}{after}: {problem}" };
    }

    private Network Whole(Network network) => _blocks?.Join(network) ?? network;

    private TrainingOutcome Outcome(Snapshot snapshot, bool isInterrupted = false) => new()
    {
        Network = Whole(OnRawRows(snapshot.Network)),
        Epochs = snapshot.Epochs,
        StoppedAfter = snapshot.Epochs,
        Last = snapshot.Report,
        AllocatedBytesPerStep = _allocation.BytesPerStep,
        IsInterrupted = isInterrupted,
        Restarts = _at.Restarts,
    };
}
