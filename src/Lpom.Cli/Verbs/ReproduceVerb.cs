using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Lpom.Cli.Comparison;
using Lpom.Cli.Comparison.Paper;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Data;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom reproduce</c>: the paper's experiments, with its figures beside ours and those of SGD.</summary>
internal static class ReproduceVerb
{
    public const string Name = "reproduce";

    public const string Examples =
        """
          lpom reproduce table --data-dir ~/mnist         five networks on MNIST, 17 epochs, seeds 1 to 3
          lpom reproduce deep --epochs 5 --seeds 1 --json
          lpom reproduce mnist-figure --output docs/experiments.md
        """;

    public static Command Create()
    {
        Argument<string> name = CommonOptions.ChoiceArgument("EXPERIMENT", Experiments.Names, string.Join(' ', Experiments.Names));
        Option<string> dataDir = CommonOptions.DataDir();
        Option<int?> epochs = CommonOptions.Integer("--epochs", 1, TrainCommandOptions.MaxEpochs, "Passes over the training data [default: table 17, mnist-figure and cifar-figure 10 (the paper 100), deep 15, autoencoder 5]");
        Option<int?> seeds = CompareCommandOptions.Seeds();
        Option<int?> threads = CommonOptions.Threads();
        Option<string> output = CommonOptions.File("--output", "Markdown file whose section is written, or replaced by its heading [default: the standard output]");
        Option<bool> json = CommonOptions.Json();
        var quiet = new Option<bool>("--quiet") { Description = "No progress and no messages but errors" };
        var command = new Command(Name, "Run the experiments of the LPOM paper: its figures, ours and SGD's side by side") { name, dataDir, epochs, seeds, threads, output, json, quiet };
        command.SetAction(parsed => Run(Experiments.Named(parsed.GetValue(name)!), new ExperimentRequest(
            parsed.GetValue(dataDir),
            parsed.GetValue(epochs),
            CompareCommandOptions.ReadSeeds(parsed, seeds),
            parsed.GetValue(threads) ?? Environment.ProcessorCount,
            parsed.GetValue(output),
            parsed.GetValue(json),
            parsed.GetValue(quiet))));
        return command;
    }

    private static int Run(Experiment experiment, ExperimentRequest request)
    {
        SectionFile? file = request.Output is null ? null : new SectionFile(request.Output);
        Dataset data = NamedData.Load(experiment.Data, request.DataDir);
        List<(ExperimentNetwork Network, MethodComparison Comparison)> comparisons =
            [.. experiment.Networks.Select(network => (network, new MethodComparison(experiment.SettingsOf(network, request), data)))];
        using var interruption = new Interruption();
        using var output = new ResultLines(request.Json);
        var clock = Stopwatch.StartNew();
        NetworkResult[] networks = [.. comparisons.Select(c => Run(experiment, c.Network, c.Comparison, interruption, output))];
        var result = new ExperimentResult(experiment, request, networks, clock.Elapsed);
        return result.IsComplete ? Finish(result, file, output) : Interrupted(result, file, output);
    }

    private static NetworkResult Run(Experiment experiment, ExperimentNetwork network, MethodComparison comparison, Interruption interruption, ResultLines output)
    {
        if (interruption.Requested)
            return new NetworkResult(network, comparison.Shape, comparison.Epochs, [], IsComplete: false);
        Action<MethodRun> note = comparison.Notes();
        void Write<T>(T state, Action<Utf8JsonWriter, T> properties) => output.Json(state, (json, line) =>
        {
            json.WriteString("experiment", experiment.Name);
            json.WriteString("layers", comparison.Shape);
            json.WriteString("activation", network.Activation);
            properties(json, line);
        });
        IReadOnlyList<MethodRun> runs = comparison.Run(
            interruption,
            (run, epoch) => Write((run, epoch), static (json, state) => ComparisonJson.WriteEpoch(json, state.run, state.epoch)),
            run =>
            {
                if (run.HasDiverged)
                    Write(run, ComparisonJson.WriteDiverged);
                note(run);
            });
        IReadOnlyList<MethodSummary> methods = MethodSummary.Of(runs);
        IReadOnlyList<double> targets = methods.Count > 0 ? Targets.Of(methods) : [];
        foreach (MethodSummary method in methods)
            Write((method, targets), static (json, state) => ComparisonJson.WriteSummary(json, state.method, state.targets));
        return new NetworkResult(network, comparison.Shape, comparison.Epochs, methods, IsComplete: runs.Count == comparison.Runs);
    }

    private static int Finish(ExperimentResult result, SectionFile? file, ResultLines output)
    {
        if (file is null)
        {
            Print(result, output);
        }
        else
        {
            file.Write(ExperimentSection.Heading(result.Experiment), ExperimentSection.Body(result));
            output.Text($"The section '{ExperimentSection.Heading(result.Experiment)}' is in {file.Name}.");
        }

        output.ThrowIfFailed();
        return ExitCodes.Done;
    }

    /// <summary>A file keeps the section that it has: that may be whole.</summary>
    private static int Interrupted(ExperimentResult result, SectionFile? file, ResultLines output)
    {
        Print(result, output);
        if (!result.Request.Quiet)
            Messages.Note($"interrupted; what is above is incomplete{(file is null ? "" : $", and {file.Name} is unchanged")}");
        return ExitCodes.Interrupted;
    }

    private static void Print(ExperimentResult result, ResultLines output)
    {
        output.Text($"## {ExperimentSection.Heading(result.Experiment)}\n\n{ExperimentSection.Body(result)}");
    }
}
