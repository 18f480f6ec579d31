using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lpom.Cli.Distributed;
using Lpom.Cli.Options;
using Lpom.Cli.Reports;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Cli.Training.Checkpoints;
using Lpom.Data;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Model;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom train</c>: data to model file.</summary>
internal static class TrainVerb
{
    public const string Name = "train";

    public const string Examples =
        """
          lpom train                                      digits, which are built in, to model.safetensors
          lpom train --data mnist --data-dir ~/mnist --layers 784-300-10 --epochs 17
          lpom train --data flowers.csv --layers 64-32 --activation tanh --output flowers.safetensors
          lpom train --data set.npz --layers 300          numpy: np.savez("set.npz", x_train=…, y_train=…, x_test=…, y_test=…)
          lpom train --json | tee log.jsonl
          lpom train --data cifar10 --checkpoint run1     and, when it was ended before its time, the same with --resume
          mpirun -np 4 lpom train --data mnist --layers 2048-2048 --distributed mpi    four processes, on one machine or several
        """;

    public static Command Create()
    {
        var command = new Command(Name, "Train a network and write it to a file");
        var options = new TrainCommandOptions();
        options.AddTo(command);
        command.SetAction(parsed => options.PrintsSchema(parsed) ? PrintSchema(command, options, parsed) : Run(options, options.WithConfig(parsed), options.ModelOfData(parsed)));
        return command;
    }

    private static int Run(TrainCommandOptions options, ParseResult parsed, string? modelOfData)
    {
        TrainSettings settings = options.Read(parsed);
        if (options.PrintsConfig(parsed))
            return PrintConfig(options, parsed, settings, modelOfData);
        if (!settings.IsDistributed)
            return Run(options, parsed, modelOfData, settings, ranks: null);
        using RankedWork ranks = RankedWork.Join(settings.Distribution);
        return Run(options, parsed, modelOfData, settings, ranks);
    }

    private static int Run(TrainCommandOptions options, ParseResult parsed, string? modelOfData, TrainSettings settings, RankedWork? ranks)
    {
        bool isFirst = ranks?.IsFirst ?? true;
        (ModelTarget? target, ReportTarget? report, Dataset data) = AllOrNone(ranks, () => (
            isFirst ? new ModelTarget(settings.Output) : null,
            isFirst && settings.Report is not null ? new ReportTarget(settings.Report) : null,
            Load(options, parsed, settings, modelOfData)));
        settings = options.ReadFor(parsed, data) with { Ranks = ranks?.Ranks.Size ?? 1 };
        return Run(ranks?.Of(settings) ?? settings, data, target, report, ranks);
    }

    // A process alone does it as it is.
    private static T AllOrNone<T>(RankedWork? ranks, Func<T> work) => ranks is null ? work() : ranks.AllOrNone(work);

    private static int PrintSchema(Command command, TrainCommandOptions options, ParseResult parsed)
    {
        using Stream stream = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            ConfigFile.WriteSchema(json, command, options.OfConfig);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return ExitCodes.Done;
    }

    private static int PrintConfig(TrainCommandOptions options, ParseResult parsed, TrainSettings settings, string? modelOfData)
    {
        Dataset data = Load(options, parsed, settings, modelOfData);
        settings = TrainerFactory.WithDefaults(options.ReadFor(parsed, data).For(data));
        using Stream stream = StandardOutput.Open();
        RunConfig.Write(stream, settings);
        return ExitCodes.Done;
    }

    private static Dataset Load(TrainCommandOptions options, ParseResult parsed, TrainSettings settings, string? modelOfData)
    {
        try
        {
            return NamedData.Load(settings.Data, settings.DataDir, options.RequestOf(parsed));
        }
        catch (DataNotFoundException e) when (modelOfData is not null && !NamedData.Names.Contains(settings.Data))
        {
            // A model knows the names of files, not where they are.
            throw new BadInputException($"{e.Message.TrimEnd('.')}; {modelOfData} was trained on data of that name: say by --data where it is", e);
        }
    }

    private static int Run(TrainSettings settings, Dataset data, ModelTarget? target, ReportTarget? report, RankedWork? ranks)
    {
        NetworkBlocks? blocks = null;
        settings = AllOrNone(ranks, () =>
        {
            TrainSettings forData = settings.For(data);
            blocks = forData.Distribution == Distribution.Layers ? NetworkBlocks.Of(ranks!.Ranks, forData, data.Train.Rows) : null;
            return Checked(forData, data, blocks);
        });
        ranks?.CheckSame(settings, data);
        using RunCheckpoints? checkpoints = settings.Checkpoint is null ? null : AllOrNone(ranks, () => RunCheckpoints.Open(settings, data, ranks?.Ranks));
        using var interruption = new Interruption();
        using TrainingRun run = AllOrNone(ranks, () => new TrainingRun(settings, data, settings.Layers, settings.Epochs!.Value, ranks?.Ranks, blocks));
        AllOrNone(ranks, () => checkpoints?.Resume(run) ?? false);
        if (blocks is not null)
            AllOrNone(ranks, run.CheckSamePlace);
        using var output = AllOrNone(ranks, () => Begin(settings, data, run));
        TrainingOutcome? outcome = null;
        if (ranks is null)
            outcome = Train(settings, run, checkpoints, interruption, output);
        else
            ranks.Together(() => outcome = Train(settings, run, checkpoints, interruption, output), interruption, () => checkpoints?.WayOn);
        if (target is null)
            return ExitCodeOf(outcome!);
        try
        {
            return Finish(settings, data, run, outcome!, target, checkpoints, output);
        }
        finally
        {
            // Of a run that diverged, too.
            report?.Write(ReportOf.Training(settings, data, outcome!, run.History));
        }
    }

    /// <exception cref="BadInputException">The settings do not fit the data, or the memory.</exception>
    private static TrainSettings Checked(TrainSettings settings, Dataset data, NetworkBlocks? blocks)
    {
        int held = settings.ValidationOf(data.Train.Rows);
        if (held >= data.Train.Rows)
            throw new BadInputException($"--validation {held}: expected less than the {data.Train.Rows} training rows of {data.Name}");
        if (settings.Patience is not null && held == 0)
            throw new BadInputException($"--patience {settings.Patience}: there are no validation rows to judge by; give --validation");
        MemoryNeed.Check(settings, settings.Layers, data.Train.Rows, settings.Epochs!.Value, blocks?.Ranks);
        StepCount.Check(settings, data, settings.Epochs!.Value);
        return settings;
    }

    private static ResultLines Begin(TrainSettings settings, Dataset data, TrainingRun run)
    {
        var output = new ResultLines(settings.Json, LogFile.Open(settings.Log, grows: settings.Checkpoint is { Resumes: true }));
        ReportStart(settings, data, run, output);
        output.ThrowIfFailed();
        return output;
    }

    private static int ExitCodeOf(TrainingOutcome outcome)
    {
        if (outcome.HasDiverged)
            return ExitCodes.Failed;
        return outcome.IsInterrupted ? ExitCodes.Interrupted : ExitCodes.Done;
    }

    private static TrainingOutcome Train(TrainSettings settings, TrainingRun run, RunCheckpoints? checkpoints, Interruption interruption, ResultLines output)
    {
        TrainingOutcome? outcome = null;
        TrainingProgress progress = TrainingProgress.For(settings.Quiet, settings.Json, run);
        CheckpointWriter? writer = checkpoints?.Writer(report => output.Json(report, CheckpointReport.Write), progress.Note);
        progress.During(() => outcome = run.Run(interruption, progress, report => output.Json((report, run.Digest), WriteEpoch), writer, report => Restarted(settings, report, progress, output)));
        return outcome!;
    }

    private static void Restarted(TrainSettings settings, RestartReport report, TrainingProgress progress, ResultLines output)
    {
        output.Json(report, RestartReport.Write);
        if (!settings.Quiet)
            progress.Note(report.ToString());
    }

    private static int Finish(TrainSettings settings, Dataset data, TrainingRun run, TrainingOutcome outcome, ModelTarget target, RunCheckpoints? checkpoints, ResultLines output)
    {
        Network network = outcome.Network.WithMetadata(ModelRecord.Describe(settings, data, run.BatchSize, outcome));
        string? file = Save(network, outcome, target, out WorkFailedException? problem);
        if (file is not null)
            output.Json((outcome, file), WriteDone);
        if (outcome.HasDiverged)
            throw new WorkFailedException(DivergenceMessage(settings, outcome, file) + After(problem?.Message) + After(checkpoints?.WayOut), problem);
        if (problem is not null)
            throw new WorkFailedException(problem.Message + (file is null ? "" : $"; the model is in {file}"), problem);
        foreach (string line in TrainingSummary.Lines(settings, run, outcome, file!))
            output.Text(line);
        if (!outcome.IsInterrupted)
        {
            output.ThrowIfFailed();
            return ExitCodes.Done;
        }

        // Lost lines do not count here: the terminal they went to may be what went away.
        if (!settings.Quiet)
            Messages.Note($"interrupted in epoch {Math.Min(outcome.Epochs + 1, run.Epochs)} of {run.Epochs}; the model so far is in {file}{After(checkpoints?.WayOn)}");
        return ExitCodes.Interrupted;
    }

    private static string After(string? more) => more is null ? "" : $"; {more}";

    /// <summary>Writes the model, elsewhere when it cannot be written where it was to be.</summary>
    /// <param name="network">The model.</param>
    /// <param name="outcome">Of the training.</param>
    /// <param name="target">Where it was to be.</param>
    /// <param name="problem">Why it is not where it was to be; null when it is.</param>
    /// <returns>The file; null when it could be written nowhere.</returns>
    private static string? Save(Network network, TrainingOutcome outcome, ModelTarget target, out WorkFailedException? problem)
    {
        problem = null;
        try
        {
            return outcome.IsInterrupted || outcome.HasDiverged ? target.SaveUnfinished(network) : target.Save(network);
        }
        catch (WorkFailedException e)
        {
            problem = e;
            return target.SaveElsewhere(network);
        }
    }

    private static void ReportStart(TrainSettings settings, Dataset data, TrainingRun run, ResultLines output)
    {
        output.Json((settings, data, run), WriteStart);
        if (settings.Quiet)
            return;
        foreach (string note in data.Notes)
            Messages.Note($"note: {note}");
        string rows = data.Shape is null ? "rows" : "images";
        int validation = settings.ValidationOf(data.Train.Rows);
        if (run.IsOver)
        {
            Messages.Note($"The run in {settings.Checkpoint!.Folder} is finished: its model is written again.");
            return;
        }

        string held = validation > 0 ? string.Create(CultureInfo.InvariantCulture, $", {validation:N0} to validate with") : "";
        Messages.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{(run.StepsDone > 0 ? $"Going on after step {run.StepsDone:N0} of {(long)run.Epochs * run.StepsPerEpoch:N0}: a" : "Training a")} {run.NetworkShape} network on {data.Name} ({run.TrainRows:N0} {rows} to learn from{held}, {data.Test.Rows:N0} to test with) by {MethodPhrase(settings)}: {run.Epochs} epochs, {(settings.IsDistributed ? $"{run.Ranks} {(run.Ranks == 1 ? "rank" : "ranks")} of " : "")}{settings.Threads} {(settings.Threads == 1 ? "thread" : "threads")}."));
    }

    private static string MethodPhrase(TrainSettings settings) => settings.Method switch
    {
        TrainSettings.SgdMethod => "back-propagation and SGD",
        TrainSettings.AdamMethod => "back-propagation and Adam",
        _ => "LPOM, without back-propagation",
    };

    private static string DivergenceMessage(TrainSettings settings, TrainingOutcome outcome, string? file)
    {
        string kept = outcome.Epochs == 0 ? "the untrained start" : $"the model after epoch {outcome.Epochs}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"training diverged {outcome.Divergence}; {Remedy(settings, outcome)}, fewer or narrower layers, or a larger --batch; {kept} is {(file is null ? "lost" : $"in {file}")}");
    }

    private static string Remedy(TrainSettings settings, TrainingOutcome outcome) =>
        settings.MuOf(outcome.Network.Layers.Count) is float mu
            ? string.Create(CultureInfo.InvariantCulture, $"try a larger --mu (it was {mu})")
            : "try a smaller --lr";

    private static void WriteStart(Utf8JsonWriter json, (TrainSettings Settings, Dataset Data, TrainingRun Run) state)
    {
        json.WriteString("event", "start");
        json.WriteString("data", state.Data.Name);
        json.WriteString("layers", state.Run.NetworkShape);
        json.WriteString("method", state.Settings.Method);
        json.WriteNumber("threads", state.Settings.Threads);
        if (state.Settings.IsDistributed)
            json.WriteNumber("ranks", state.Run.Ranks);
        json.WriteNumber("simd", (int)SimdLevel.Current);
        json.WriteNumber("parameters", state.Run.Parameters);
        json.WriteNumber("trainRows", state.Run.TrainRows);
        json.WriteNumber("testRows", state.Data.Test.Rows);
        if (state.Run.StepsDone > 0)
            json.WriteNumber("resumedAfterStep", state.Run.StepsDone);
    }

    private static void WriteEpoch(Utf8JsonWriter json, (EpochReport Report, string? Digest) epoch)
    {
        EpochReport report = epoch.Report;
        json.WriteString("event", "epoch");
        json.WriteNumber("epoch", report.Number);
        json.WriteNumber("seconds", report.Seconds);
        json.WriteNumber("objective", report.Objective);
        json.WriteNumber("loss", report.Loss);
        WriteScores(json, report);
        Write(json, "residuals", report.Layers.Select(layer => layer.Residual));
        Write(json, "norms", report.Layers.Select(layer => layer.Norm));
        if (epoch.Digest is string digest)
            json.WriteString("digest", digest);
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            if (double.IsFinite(value))
                json.WriteNumberValue(value);
            else
                json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    private static void WriteDone(Utf8JsonWriter json, (TrainingOutcome Outcome, string Model) state)
    {
        json.WriteString("event", "done");
        json.WriteNumber("epochs", state.Outcome.Epochs);
        json.WriteNumber("seconds", state.Outcome.Last.Seconds);
        WriteScores(json, state.Outcome.Last);
        json.WriteNumber("allocatedBytesPerStep", state.Outcome.AllocatedBytesPerStep);
        json.WriteNumber("peakMemoryMiB", PeakMemory.MiB);
        json.WriteString("model", state.Model);
        if (state.Outcome.IsInterrupted)
            json.WriteBoolean("interrupted", true);
        if (state.Outcome.HasDiverged)
            json.WriteBoolean("diverged", true);
    }

    private static void WriteScores(Utf8JsonWriter json, EpochReport report)
    {
        report.Train.Write(json, "train");
        report.Validation?.Write(json, "validation");
        if (report.Test is Score test)
            test.Write(json, "test");
        else
            json.WriteNull(report.Train.Accuracy is null ? "testMse" : "testAccuracy");
    }
}
