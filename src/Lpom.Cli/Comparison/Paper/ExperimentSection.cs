using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Lpom.Cli.Terminal;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Cli.Comparison.Paper;

/// <summary>An experiment's results as a section of a Markdown file: tables, command, version, date, machine.</summary>
internal static class ExperimentSection
{
    /// <summary>The section's heading, without its number signs.</summary>
    public static string Heading(Experiment experiment) => $"{experiment.Title} (`{experiment.Name}`)";

    /// <summary>What is below the heading.</summary>
    public static string Body(ExperimentResult result) => string.Join("\n\n", Parts(result));

    private static IEnumerable<string> Parts(ExperimentResult result)
    {
        if (!result.IsComplete)
            yield return "Interrupted: the figures are of the runs that were complete.";
        yield return Text(Scores(result));
        yield return Text(Seconds(result));
        if (result.Experiment.LearningRates is { Count: > 0 } rates)
            yield return $"The step sizes are the defaults but for {string.Join(", ", rates.Select(rate => $"{rate.Key}, {rate.Value}"))}.";
        if (result.Networks is [NetworkResult { Methods.Count: > 0 } only])
        {
            foreach (FigureGrid grid in ComparisonFigures.Of(only.Methods, only.Epochs, Targets.Of(only.Methods)))
                yield return Text(grid);
        }

        yield return $"```sh needs={result.Experiment.Data},minutes\n{Command(result)}\n```";
        yield return Origin(result);
    }

    private static FigureGrid Scores(ExperimentResult result)
    {
        Experiment experiment = result.Experiment;
        var columns = new List<(string Header, Func<NetworkResult, string> Cell)>();
        AddPaper(columns, "LPOM", experiment, n => n.Lpom);
        AddPaper(columns, "SGD", experiment, n => n.Sgd);
        foreach (string method in experiment.Methods)
            columns.Add((method, network => Score(network.Of(method))));
        int epochs = result.Networks[0].Epochs;
        return Grid($"After {epochs} {(epochs == 1 ? "epoch" : "epochs")}: {Figures.ScoreKind(experiment.Task, result.Request.Seeds)}.", result, columns);
    }

    private static void AddPaper(List<(string Header, Func<NetworkResult, string> Cell)> columns, string method, Experiment experiment, Func<ExperimentNetwork, double?> figure)
    {
        if (experiment.Networks.Any(n => figure(n) is not null))
            columns.Add(($"paper: {method}, {experiment.PaperEpochs} epochs", network => figure(network.Network) is double percent ? string.Create(CultureInfo.InvariantCulture, $"{percent:F1}") : Figures.None));
    }

    private static FigureGrid Seconds(ExperimentResult result) => Grid(
        "Seconds of training for a run, medians over the seeds, evaluation excluded.",
        result,
        [.. result.Experiment.Methods.Select(method => (method, (Func<NetworkResult, string>)(network => Figures.Seconds(network.Of(method)?.Seconds))))]);

    private static FigureGrid Grid(string title, ExperimentResult result, List<(string Header, Func<NetworkResult, string> Cell)> columns) => new(
        title,
        ["network", .. columns.Select(c => c.Header)],
        [.. result.Networks.Select(network => (string[])[$"{network.Name}, {network.Network.Activation}", .. columns.Select(c => c.Cell(network))])]);

    private static string Score(MethodSummary? method)
    {
        if (method is null)
            return Figures.None;
        string diverged = method.Diverged.Count > 0 ? $"{method.Diverged.Count} of {method.Runs.Count} diverged" : "";
        return method.Score is null ? diverged : $"{Figures.Score(method.Task, method.Score)}{(diverged.Length > 0 ? $" ({diverged})" : "")}";
    }

    private static string Text(FigureGrid grid)
    {
        IEnumerable<string> lines =
        [
            Row(grid.Header),
            Row(grid.Header.Select((_, column) => column == 0 ? "---" : "---:")),
            .. grid.Rows.Select(Row),
        ];
        return $"{grid.Title.TrimEnd('.')}.\n\n{string.Join('\n', lines)}";
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    /// <summary>Folders are the machine's own and no part of the experiment.</summary>
    private static string Command(ExperimentResult result)
    {
        ExperimentRequest request = result.Request;
        string folder = request.DataDir is null ? "" : " --data-dir DIR";
        string output = request.Output is null ? "" : $" --output {(Path.IsPathRooted(request.Output) ? "FILE" : ShellWord.Of(request.Output))}";
        return $"lpom reproduce {result.Experiment.Name}{folder} --epochs {result.Networks[0].Epochs} --seeds {request.Seeds} --threads {request.Threads}{output}";
    }

    private static string Origin(ExperimentResult result)
    {
        string version = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        string threads = $"{result.Request.Threads} {(result.Request.Threads == 1 ? "thread" : "threads")}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Written by lpom {version} ({RuntimeInformation.FrameworkDescription}) on {TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {result.Elapsed.TotalSeconds:F0} s in all: {ProcessorName.Current}, SIMD {(int)SimdLevel.Current}, {threads}.");
    }
}
