using System.Diagnostics;
using Lpom.Cli.Terminal;
using Lpom.Simd.Training;

namespace Lpom.Cli.Training.Display;

/// <summary>Training on a terminal. Drawn by the training's thread between steps: no thread of its own, nothing to disturb the workers.</summary>
internal sealed class LiveProgress : TrainingProgress
{
    /// <summary>About as many epochs leave a line each.</summary>
    private const int EpochLines = 20;

    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    private readonly Stream _terminal = StandardOutput.OpenError();
    private readonly LiveBlock _block;
    private readonly RunPicture _picture;
    private readonly RunShape _shape;
    private readonly int _lineEvery;
    private long _drawn;

    public LiveProgress(RunShape shape, int stepsDone)
    {
        _shape = shape;
        _lineEvery = (shape.Epochs + EpochLines - 1) / EpochLines;
        _block = new LiveBlock(_terminal, TerminalTraits.TextEncoding, TerminalSize.OfError, TerminalTraits.IsColourWanted);
        _picture = new RunPicture(_block, TerminalTraits.IsUtf8 ? Glyphs.Unicode : Glyphs.Ascii, shape, stepsDone);
    }

    public override void During(Action training)
    {
        using var cursor = new HiddenCursor(_terminal, _block.Forget);
        try
        {
            _picture.Draw(Stopwatch.GetTimestamp());
            training();
        }
        finally
        {
            _block.Erase();
        }
    }

    public override void Step(in StepReport report, int rows, int done)
    {
        long now = Stopwatch.GetTimestamp();
        _picture.Step(report.Loss, report.Objective, report.Residuals, rows, done, now);
        DrawIfDue(now);
    }

    public override void Epoch(in EpochReport report)
    {
        long now = Stopwatch.GetTimestamp();
        _picture.Epoch(report.Scores, now);
        if (report.Number % _lineEvery == 0 || report.Number == _shape.Epochs)
            Draw(now, report.Line(_shape.Epochs));
        else
            DrawIfDue(now);
    }

    public override void Note(string message) => Draw(Stopwatch.GetTimestamp(), Messages.OneLine(message));

    private void DrawIfDue(long now)
    {
        if (Stopwatch.GetElapsedTime(_drawn, now) >= Refresh)
            Draw(now);
    }

    private void Draw(long now, string? message = null)
    {
        _picture.Draw(now, message);
        _drawn = now;
    }
}
