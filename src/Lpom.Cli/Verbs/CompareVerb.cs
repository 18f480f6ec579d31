using System.CommandLine;
using Lpom.Cli.Comparison;
using Lpom.Cli.Options;
using Lpom.Cli.Reports;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Data;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom compare</c>: methods side by side on the same data.</summary>
internal static class CompareVerb
{
    public const string Name = "compare";

    public const string Examples =
        """
          lpom compare                                    every method on the built-in digits, seeds 1 to 3
          lpom compare --data mnist --data-dir ~/mnist --layers 300 --epochs 5 --targets 0.97,0.98
          lpom compare --methods lpom,sgd --lr sgd=0.1 --seeds 1 --json
          lpom compare --task autoencode --layers 40-10-40
        """;

    public const string Figures =
        """
        Figures:
          The same seed gives every method the same order of rows and the same initial weights, but for
          lpom-paper: it has no biases, and starts from Glorot's weights always. An option applies to the
          methods that know it: lpom-paper has no --init, no --lr, no --label-smoothing and no
          --task autoencode.
          Seconds are of training, as train has them, but without compilation: every method trains on the
          built-in digits first.
          testAccuracyMean    over the seeds whose run did not diverge; 'diverged' lists the others
          testAccuracySpread  sample standard deviation (n - 1) over the same seeds; null for one seed
          testMseMean, …      instead of testAccuracyMean, … where no classes are learnt: mean square error per value,
                              null if it is not finite
          secondsPerEpoch     median difference between epochs, evaluation excluded
          timeTo              median over the seeds of the seconds at which the target is first reached;
                              null if one seed never does
          peakMemoryMiB       the most that the process had resident during a run of the method, runtime and
                              data included; null where the system cannot tell
        """;

    public static Command Create()
    {
        var command = new Command(Name, "Compare training methods on the same data, order of rows and initial weights");
        var options = new CompareCommandOptions();
        options.AddTo(command);
        command.SetAction(parsed => Run(options, parsed));
        return command;
    }

    private static int Run(CompareCommandOptions options, ParseResult parsed)
    {
        TrainSettings shared = options.Read(parsed).Shared;
        ReportTarget? report = shared.Report is null ? null : new ReportTarget(shared.Report);
        Dataset data = NamedData.Load(shared.Data, shared.DataDir, options.RequestOf(parsed));
        return Run(options.Read(parsed, data), data, report);
    }

    private static int Run(ComparisonSettings settings, Dataset data, ReportTarget? report)
    {
        foreach (string text in settings.Shared.Quiet ? [] : data.Notes)
            Messages.Note($"note: {text}");
        var comparison = new MethodComparison(settings, data);
        using var interruption = new Interruption();
        using var output = new Output();
        Action<MethodRun> note = comparison.Notes();
        bool isJson = settings.Shared.Json;
        IReadOnlyList<MethodRun> runs = comparison.Run(
            interruption,
            (run, epoch) =>
            {
                if (isJson)
                    output.Json((run, epoch), static (json, state) => ComparisonJson.WriteEpoch(json, state.run, state.epoch));
            },
            run =>
            {
                if (isJson && run.HasDiverged)
                    output.Json(run, ComparisonJson.WriteDiverged);
                note(run);
            });
        Summarize(comparison, runs, data, output, report);
        if (runs.Count == comparison.Runs)
            return ExitCodes.Done;
        if (!settings.Shared.Quiet)
            Messages.Note($"interrupted; {runs.Count} of {comparison.Runs} runs are complete");
        return ExitCodes.Interrupted;
    }

    private static void Summarize(MethodComparison comparison, IReadOnlyList<MethodRun> runs, Dataset data, Output output, ReportTarget? report)
    {
        IReadOnlyList<MethodSummary> methods = MethodSummary.Of(runs);
        if (methods.Count == 0)
            return;
        IReadOnlyList<double> targets = comparison.Settings.Targets ?? Targets.Of(methods);
        report?.Write(ReportOf.Comparison(comparison, methods, targets, data));
        if (comparison.Settings.Shared.Json)
        {
            foreach (MethodSummary method in methods)
                output.Json((method, targets), static (json, state) => ComparisonJson.WriteSummary(json, state.method, state.targets));
            return;
        }

        foreach (FigureGrid grid in ComparisonFigures.Of(methods, comparison.Epochs, targets))
        {
            output.Line(grid.Title);
            foreach (string line in TableText.Lines(grid.Header, grid.Rows))
                output.Line(line);
            output.Line("");
        }
    }
}
