using System.Globalization;
using Lpom.Cli.Terminal;
using Spectre.Console;

namespace Lpom.Cli.Training;

/// <summary>An epoch's figures.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Seconds">Training time so far, evaluation excluded.</param>
/// <param name="Objective">Eq. (3) per sample, mean over the epoch.</param>
/// <param name="Loss">Mean over the epoch of the feed-forward output's loss per sample.</param>
/// <param name="Train">On the first training rows.</param>
/// <param name="Validation">Null without validation rows.</param>
/// <param name="Test">Null without test rows.</param>
internal readonly record struct EpochReport(int Number, double Seconds, double Objective, double Loss, Score Train, Score? Validation, Score? Test)
{
    /// <summary>Figures of each layer; null when they were not measured.</summary>
    public IReadOnlyList<LayerFigures>? Layers { get; init; }

    /// <summary>For people, such as <c>loss 0.0312  train 99.10 %  test 97.80 %</c>.</summary>
    public string Figures
    {
        get
        {
            string validation = Validation is Score v ? $"  validation {v.Figure}" : "";
            string test = Test is Score t ? $"  test {t.Figure}" : "";
            return string.Create(CultureInfo.InvariantCulture, $"loss {Loss:F4}  train {Train.Figure}{validation}{test}");
        }
    }

    public static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:F2} %");
}

/// <summary>Shows training as it goes, on the standard error.</summary>
internal abstract class TrainingProgress
{
    /// <summary>None when quiet, a bar on a terminal that can show one, else (and when the results are JSON) lines.</summary>
    public static TrainingProgress For(bool isQuiet, bool isJson, int epochs, int stepsPerEpoch, int stepsDone = 0)
    {
        if (isQuiet)
            return new NoProgress();
        return CanDraw() && !isJson ? new ProgressBar(epochs, stepsPerEpoch, stepsDone) : new ProgressLines(epochs);
    }

    /// <summary>Runs the training inside the display.</summary>
    public abstract void During(Action training);

    /// <summary>A step is done.</summary>
    public virtual void Step()
    {
    }

    /// <summary>An epoch is done and measured.</summary>
    public virtual void Epoch(in EpochReport report)
    {
    }

    /// <summary>Says something that has happened, where the display leaves room for it.</summary>
    public virtual void Note(string message) => Messages.Note(message);

    private static bool CanDraw() =>
        !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

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
            Messages.Note(string.Create(CultureInfo.InvariantCulture, $"epoch {report.Number}/{epochs}  {report.Figures}  {report.Seconds:F1} s{eta}"));
        }
    }

    /// <summary>Drawn by this thread between steps: no thread of its own, nothing to disturb the workers.</summary>
    private sealed class ProgressBar(int epochs, int stepsPerEpoch, int stepsDone) : TrainingProgress
    {
        private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

        private IAnsiConsole? _console;
        private ProgressContext? _context;
        private ProgressTask? _task;
        private int _steps = stepsDone;
        private long _drawn;

        public override void During(Action training)
        {
            bool hasColour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
            _console = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.Yes,
                ColorSystem = hasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.Yes,
                Out = new AnsiConsoleOutput(new TerminalWriter(Console.Error)),
            });
            _console.Progress()
                .AutoRefresh(false)
                .AutoClear(false)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new RemainingTimeColumn())
                .Start(context =>
                {
                    _context = context;
                    _task = context.AddTask($"epoch {Math.Min((_steps / stepsPerEpoch) + 1, epochs)}/{epochs}", maxValue: (double)epochs * stepsPerEpoch);
                    training();
                    context.Refresh();
                });
        }

        public override void Step()
        {
            _steps++;
            if (System.Diagnostics.Stopwatch.GetElapsedTime(_drawn) < Refresh)
                return;
            _task!.Value = _steps;
            _context!.Refresh();
            _drawn = System.Diagnostics.Stopwatch.GetTimestamp();
        }

        // Through the display, which draws itself anew below.
        public override void Note(string message) => _console!.WriteLine(Messages.OneLine(message));

        public override void Epoch(in EpochReport report)
        {
            _task!.Value = _steps;
            _task.Description = Markup.Escape($"epoch {Math.Min(report.Number + 1, epochs)}/{epochs}  {report.Figures}");
            _context!.Refresh();
        }
    }
}
