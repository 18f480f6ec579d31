using System.Globalization;
using Lpom.Cli.Comparison;
using Lpom.Cli.Options;
using Lpom.Cli.Training;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli.Reports;

/// <summary>The reports of the commands.</summary>
internal static class ReportOf
{
    private const int MostOfAValue = 200;

    /// <summary>Of a training.</summary>
    /// <param name="settings">What was asked for.</param>
    /// <param name="data">On what.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="epochs">Every epoch's figures.</param>
    public static Report Training(TrainSettings settings, Dataset data, TrainingOutcome outcome, IReadOnlyList<EpochReport> epochs)
    {
        Network network = outcome.Network;
        var report = new Report($"Training on {data.Name}", "train", $"A {network.Shape} network, {settings.Hidden.Name}, by {settings.Method}")
        {
            Headline = Headline(settings.Task, outcome),
            Charts = epochs.Count == 0 ? [] : EpochCharts.Of(settings.Task, epochs),
            Tables = epochs.Count == 0 ? [] : [EpochTable(epochs)],
            Facts = [.. RunFacts.Of(data, settings.Threads), .. End(outcome), ("Parameters", network.Parameters.ToString("N0", CultureInfo.InvariantCulture))],
        };
        return TestSection.Add(report, network, settings.Task, data, data.Test.Rows > 0 ? data.Test : data.Train, settings.Threads);
    }

    /// <summary>Of an evaluation.</summary>
    /// <param name="network">The model.</param>
    /// <param name="task">What it gives.</param>
    /// <param name="file">Its file.</param>
    /// <param name="measured">The rows.</param>
    /// <param name="score">On them.</param>
    /// <param name="threads">Threads.</param>
    public static Report Evaluation(Network network, LearningTask task, string file, ModelData measured, Score score, int threads)
    {
        var report = new Report($"{Path.GetFileName(file)} on {measured.Name}", "eval", $"A {network.Shape} network on {score.Samples.ToString("N0", CultureInfo.InvariantCulture)} rows")
        {
            Headline = [.. ScoreTiles("", task, score), ("Loss", Text($"{score.Loss:G4}")), ("Rows", Text($"{score.Samples:N0}")), ("Parameters", Text($"{network.Parameters:N0}"))],
            Facts = [.. RunFacts.Of(measured.Data, threads), .. Metadata(network)],
        };
        return TestSection.Add(report, network, task, measured.Data, measured.Rows, threads);
    }

    /// <summary>Of a model by itself.</summary>
    /// <param name="network">The model.</param>
    /// <param name="file">Its file.</param>
    public static Report Model(Network network, string file)
    {
        ImageShape? shape = Pictures.ShapeOf(network);
        return new Report(Path.GetFileName(file), "inspect", $"A {network.Shape} network")
        {
            Headline = [("Parameters", Text($"{network.Parameters:N0}")), ("Layers", Text($"{network.Layers.Count}")), .. network.Metadata.Where(pair => pair.Key.StartsWith("test-", StringComparison.Ordinal)).Select(pair => (Upper(pair.Key.Replace('-', ' ')), pair.Value))],
            Images = shape is ImageShape known ? [Pictures.OfWeights(network, known)] : [],
            Tables = [new ReportTable("Layers", LayerStatistics.Columns, [.. network.Layers.Select((layer, i) => LayerStatistics.Of(layer).Row(layer, i + 1))], IsCollapsed: false)],
            Facts = [("File", file), .. Metadata(network)],
        };
    }

    /// <summary>Of a comparison.</summary>
    /// <param name="comparison">What was compared.</param>
    /// <param name="methods">Its results; at least one.</param>
    /// <param name="targets">Scores whose times are shown.</param>
    /// <param name="data">On what.</param>
    public static Report Comparison(MethodComparison comparison, IReadOnlyList<MethodSummary> methods, IReadOnlyList<double> targets, Dataset data)
    {
        TrainSettings shared = comparison.Settings.Shared;
        return new Report($"{string.Join(", ", methods.Select(method => method.Method))} on {data.Name}", "compare", $"A {comparison.Shape} network, {shared.Hidden.Name}: {comparison.Epochs} epochs, {comparison.Settings.Seeds} {(comparison.Settings.Seeds == 1 ? "seed" : "seeds")}")
        {
            Headline = [.. methods.Select(method => (Figures.Name(method), $"{Figures.Score(method.Task, method.Score)}{(method.Task == LearningTask.Classify ? " %" : "")}"))],
            Charts = EpochCharts.Of(methods),
            Tables = [.. ComparisonFigures.Of(methods, comparison.Epochs, targets).Select(grid => new ReportTable(grid.Title, grid.Header, grid.Rows, IsCollapsed: false))],
            Facts = RunFacts.Of(data, shared.Threads),
        };
    }

    private static IEnumerable<(string, string)> Metadata(Network network) =>
        network.Metadata.Select(pair => (pair.Key, pair.Value.Length > MostOfAValue ? pair.Value[..MostOfAValue] + "…" : pair.Value));

    private static IReadOnlyList<(string, string)> Headline(LearningTask task, TrainingOutcome outcome)
    {
        EpochReport last = outcome.Last;
        return
        [
            .. last.Test is Score test ? ScoreTiles("Test ", task, test) : [],
            .. ScoreTiles("Training ", task, last.Train),
            ("Epochs", Text($"{outcome.Epochs}")),
            ("Training time", Text($"{last.Seconds:F1} s")),
            ("Allocated per step", Text($"{outcome.AllocatedBytesPerStep:0.#} bytes")),
        ];
    }

    private static IEnumerable<(string, string)> ScoreTiles(string rows, LearningTask task, Score score)
    {
        if (task == LearningTask.Classify)
            return [(Upper($"{rows}accuracy"), EpochReport.Percent(score.Accuracy!.Value))];
        (string, string) error = (Upper($"{rows}mean square error"), Text($"{score.Mse:G4}"));
        return score.R2 is double r2 ? [error, (Upper($"{rows}R²"), Text($"{r2:F3}"))] : [error];
    }

    private static IEnumerable<(string, string)> End(TrainingOutcome outcome)
    {
        if (outcome.Restarts > 0)
            yield return ("Restarts", Text($"{outcome.Restarts}, with smaller steps, after divergence"));
        if (outcome.StoppedAfter > outcome.Epochs)
            yield return ("Stopped", Text($"after epoch {outcome.StoppedAfter}; the weights are those of epoch {outcome.Epochs}"));
        if (outcome.IsInterrupted)
            yield return ("Interrupted", "the model is that of the steps so far");
        if (outcome.Divergence is string divergence)
            yield return ("Diverged", divergence);
    }

    private static ReportTable EpochTable(IReadOnlyList<EpochReport> epochs)
    {
        bool hasValidation = epochs[0].Validation is not null, hasTest = epochs[0].Test is not null;
        IEnumerable<string> Row(EpochReport e)
        {
            yield return Text($"{e.Number}");
            yield return Text($"{e.Seconds:F2}");
            yield return Text($"{e.Objective:G4}");
            yield return Text($"{e.Loss:G4}");
            yield return e.Train.Figure;
            if (hasValidation)
                yield return e.Validation!.Value.Figure;
            if (hasTest)
                yield return e.Test!.Value.Figure;
        }

        string[] columns = ["epoch", "seconds", "objective", "loss", "training", .. hasValidation ? (string[])["validation"] : [], .. hasTest ? (string[])["test"] : []];
        return new ReportTable("Epochs", columns, [.. epochs.Select(epoch => (string[])[.. Row(epoch)])], IsCollapsed: true);
    }

    private static string Upper(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
