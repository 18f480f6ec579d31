using System.Globalization;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training.Display;
using Lpom.Simd.Training;

namespace Lpom.Cli.Training;

/// <summary>An epoch's figures.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Seconds">Training time so far, evaluation excluded.</param>
/// <param name="Objective">Eq. (3) per sample, mean over the epoch.</param>
/// <param name="Loss">Mean over the epoch of the feed-forward output's loss per sample.</param>
/// <param name="Train">On the first training rows.</param>
/// <param name="Validation">Null without validation rows.</param>
/// <param name="Test">Null without test rows.</param>
/// <param name="Layers">From the first.</param>
internal readonly record struct EpochReport(int Number, double Seconds, double Objective, double Loss, Score Train, Score? Validation, Score? Test, IReadOnlyList<LayerFigures> Layers)
{
    /// <summary>For people, such as <c>  train 99.10 %  test 97.80 %</c>.</summary>
    public string Scores => $"  train {Train.Figure}{Part("validation", Validation)}{Part("test", Test)}";

    /// <summary>For people, such as <c>epoch 3/20  loss 0.0312  train 99.10 %  test 97.80 %  1.2 s</c>.</summary>
    /// <param name="epochs">Of the run.</param>
    public string Line(int epochs) =>
        string.Create(CultureInfo.InvariantCulture, $"epoch {Number}/{epochs}  loss {Loss:F4}{Scores}  {Seconds:F1} s");

    public static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:F2} %");

    private static string Part(string name, Score? score) => score is Score known ? $"  {name} {known.Figure}" : "";
}

/// <summary>Shows training as it goes, on the standard error.</summary>
internal abstract class TrainingProgress
{
    /// <summary>None when quiet, drawn on a terminal that can show it, else (and when the results are JSON) lines.</summary>
    public static TrainingProgress For(bool isQuiet, bool isJson, TrainingRun run)
    {
        if (isQuiet)
            return new NoProgress();
        return TerminalTraits.CanDrawOnError && !isJson ? new LiveProgress(run.Shape, run.StepsDone) : new ProgressLines(run.Epochs);
    }

    /// <summary>Runs the training inside the display.</summary>
    public abstract void During(Action training);

    /// <summary>A step is done. Allocates nothing.</summary>
    /// <param name="report">Of the step.</param>
    /// <param name="rows">That it trained on.</param>
    /// <param name="done">Steps of the run, with this one.</param>
    public virtual void Step(in StepReport report, int rows, int done)
    {
    }

    /// <summary>An epoch is done and measured.</summary>
    public virtual void Epoch(in EpochReport report)
    {
    }

    /// <summary>Says something that has happened, where the display leaves room for it.</summary>
    public virtual void Note(string message) => Messages.Note(message);

    private sealed class NoProgress : TrainingProgress
    {
        public override void During(Action training) => training();
    }

    private sealed class ProgressLines(int epochs) : TrainingProgress
    {
        public override void During(Action training) => training();

        public override void Epoch(in EpochReport report)
        {
            double left = report.Seconds / report.Number * (epochs - report.Number);
            string eta = report.Number < epochs ? string.Create(CultureInfo.InvariantCulture, $"  {left:F1} s left") : "";
            Messages.Note(report.Line(epochs) + eta);
        }
    }
}
