using System.Globalization;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;

namespace Lpom.Cli.Training;

/// <summary>What a training came to, for people, on the standard output.</summary>
internal static class TrainingSummary
{
    /// <summary>A table, the model, what to do next; one line with the most of it when quiet.</summary>
    /// <param name="settings">Of the training.</param>
    /// <param name="run">That is over.</param>
    /// <param name="outcome">Of it.</param>
    /// <param name="file">The model.</param>
    public static IEnumerable<string> Lines(TrainSettings settings, TrainingRun run, TrainingOutcome outcome, string file)
    {
        string model = $"Model: {file}", next = $"Next: {EvalCommand(settings, file)}";
        return settings.Quiet
            ? [string.Create(CultureInfo.InvariantCulture, $"{Result(settings, outcome)} after {outcome.Last.Seconds:F1} s of training. {model}. {next}")]
            : [.. TableText.Lines([$"{settings.Method} {run.NetworkShape}", Epochs(run, outcome)], Rows(settings, run, outcome, file)), model, next];
    }

    private static string Result(TrainSettings settings, TrainingOutcome outcome)
    {
        string accuracy = settings.Task == LearningTask.Classify ? "accuracy " : "";
        string figure = outcome.Last.Test is Score test
            ? $"Test {accuracy}{test.Figure}"
            : $"On the training rows {accuracy}{outcome.Last.Train.Figure} (there are no test rows)";
        string best = IsBestOfMore(outcome) ? $" (weights of epoch {outcome.Epochs} of {outcome.StoppedAfter}, the best on the validation rows)" : "";
        return figure + best;
    }

    private static string Epochs(TrainingRun run, TrainingOutcome outcome)
    {
        if (outcome.IsInterrupted)
            return $"interrupted in epoch {Math.Min(outcome.Epochs + 1, run.Epochs)} of {run.Epochs}";
        return IsBestOfMore(outcome)
            ? $"epoch {outcome.Epochs} of {outcome.StoppedAfter}, the best"
            : $"{outcome.Epochs} {(outcome.Epochs == 1 ? "epoch" : "epochs")}";
    }

    private static bool IsBestOfMore(TrainingOutcome outcome) => outcome.StoppedAfter > outcome.Epochs;

    private static IEnumerable<string[]> Rows(TrainSettings settings, TrainingRun run, TrainingOutcome outcome, string file)
    {
        string figure = settings.Task == LearningTask.Classify ? "accuracy" : "error";
        EpochReport last = outcome.Last;
        yield return [$"Test {figure}", last.Test?.Figure ?? "no test rows"];
        if (last.Validation is Score validation)
            yield return [$"Validation {figure}", validation.Figure];
        yield return [$"Training {figure}", last.Train.Figure];
        yield return ["Training time", string.Create(CultureInfo.InvariantCulture, $"{last.Seconds:F1} s")];
        long rows = outcome.IsInterrupted ? (long)run.StepsDone * run.BatchSize : (long)outcome.Epochs * run.TrainRows;
        if (last.Seconds > 0)
            yield return ["Samples per second", string.Create(CultureInfo.InvariantCulture, $"{rows / last.Seconds:N0}")];
        yield return ["Parameters", string.Create(CultureInfo.InvariantCulture, $"{run.Parameters:N0}")];
        yield return ["Model file", string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(file).Length:N0} bytes")];
    }

    /// <summary>A command line that measures the model in this folder.</summary>
    private static string EvalCommand(TrainSettings settings, string file)
    {
        string data = settings.Data == TrainSettings.BuiltInData ? "" : $" --data {ShellWord.Of(settings.Data)}";
        string folder = settings.DataDir is null ? "" : $" --data-dir {ShellWord.Of(settings.DataDir)}";
        return $"lpom eval {ShellWord.Of(file)}{data}{folder}";
    }
}
