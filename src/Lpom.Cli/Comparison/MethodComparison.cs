using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Data;

namespace Lpom.Cli.Comparison;

/// <summary>
/// Trains one network by several methods on the same rows. The same seed gives every method the same order of batches and the same
/// initial weights (but for those that its form of the network needs: see <see cref="TrainerFactory"/>).
/// </summary>
/// <remarks>Seed 1 of every method, then seed 2: what disturbs the machine for a while disturbs all methods.</remarks>
internal sealed class MethodComparison
{
    private const int WarmUpWidth = 128;

    private readonly ComparisonSettings _settings;
    private readonly Dataset _data;
    private readonly int[] _widths;

    /// <exception cref="BadInputException">The network does not fit the data or the machine, or nothing can be tested.</exception>
    public MethodComparison(ComparisonSettings settings, Dataset data)
    {
        (_settings, _data) = (settings, data);
        TrainSettings shared = settings.Shared;
        if (data.Test.Rows == 0)
            throw new BadInputException($"--data {shared.Data}: there are no test rows to compare on");
        _widths = LayerSpec.Resolve(shared, data);
        Epochs = shared.Epochs ?? TrainCommandOptions.DefaultEpochs(data.Train.Rows, shared.Batch);
        foreach (TrainSettings each in settings.Methods)
            MemoryNeed.Check(each, _widths, data.Train.Rows, Epochs);
        StepCount.Check(shared, data, Epochs);
    }

    /// <summary>Epochs of each run.</summary>
    public int Epochs { get; }

    /// <summary>Runs in all.</summary>
    public int Runs => _settings.Methods.Count * _settings.Seeds;

    /// <summary>The network's widths, such as <c>784-300-10</c>.</summary>
    public string Shape => string.Join('-', _widths);

    /// <summary>What the runs are made of.</summary>
    public ComparisonSettings Settings => _settings;

    /// <summary>Runs every method with every seed, or as many as there is time for.</summary>
    /// <param name="interruption">Asked after every step; a run that it ends is not among the results.</param>
    /// <param name="epochDone">Told of every epoch, with the settings of its run.</param>
    /// <param name="runDone">Told of every complete run.</param>
    public IReadOnlyList<MethodRun> Run(Interruption interruption, Action<TrainSettings, EpochReport> epochDone, Action<MethodRun> runDone)
    {
        var runs = new List<MethodRun>();
        WarmUp(interruption);
        for (int seed = 1; seed <= _settings.Seeds; seed++)
        {
            foreach (TrainSettings method in _settings.Methods)
            {
                if (interruption.Requested || Train(method with { Seed = (ulong)seed }, interruption, epochDone) is not MethodRun run)
                    return runs;
                runs.Add(run);
                runDone(run);
            }
        }

        return runs;
    }

    /// <summary>Tells that runs start, and of each that is complete, unless it is to be quiet.</summary>
    public Action<MethodRun> Notes()
    {
        if (_settings.Shared.Quiet)
            return static _ => { };
        string seeds = _settings.Seeds == 1 ? "seed 1" : $"seeds 1 to {_settings.Seeds}";
        int threads = _settings.Shared.Threads;
        Messages.Note($"Comparing {string.Join(", ", _settings.Methods.Select(m => m.Method))} on {_data.Name}, {Shape}, {_settings.Shared.Hidden.Name}: {seeds}, {Epochs} {(Epochs == 1 ? "epoch" : "epochs")}, {threads} {(threads == 1 ? "thread" : "threads")}.");
        int done = 0;
        return run => Messages.Note(RunNote.Of(run, ++done, Runs));
    }

    /// <summary>Compiles what the methods share on small data: else the time for it would be counted to the one that happens to run first.</summary>
    private void WarmUp(Interruption interruption)
    {
        Dataset digits = NamedData.Load(TrainSettings.BuiltInData);
        foreach (TrainSettings each in _settings.Methods)
        {
            // Digits are no numbers to learn; their pixels are.
            LearningTask task = each.Task == LearningTask.Regress ? LearningTask.Autoencode : each.Task;
            TrainSettings method = each with { Layers = [WarmUpWidth], Task = task };
            using var run = new TrainingRun(method, digits, LayerSpec.Resolve(method, digits), epochs: 1);
            _ = run.Run(interruption, NoProgress(run), static _ => { });
        }
    }

    private static TrainingProgress NoProgress(TrainingRun run) => TrainingProgress.For(isQuiet: true, isJson: false, run);

    private MethodRun? Train(TrainSettings settings, Interruption interruption, Action<TrainSettings, EpochReport> epochDone)
    {
        bool isMemoryKnown = RunMemory.TryStart();
        using var run = new TrainingRun(settings, _data, _widths, Epochs);
        TrainingOutcome outcome = run.Run(interruption, NoProgress(run), report => epochDone(settings, report));
        return outcome.IsInterrupted
            ? null
            : new MethodRun(settings.Method, settings.Task, settings.Seed, run.History, outcome.Divergence, isMemoryKnown ? PeakMemory.MiB : null);
    }
}
