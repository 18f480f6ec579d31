using System.Diagnostics;
using System.Text.Json;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>Writes checkpoints as often as they are asked for. That one cannot be written does not end the training.</summary>
/// <param name="folder">Where to.</param>
/// <param name="every">How often.</param>
/// <param name="identity">Of the run.</param>
/// <param name="written">Told of every checkpoint.</param>
/// <param name="failed">Told what went wrong when one could not be written.</param>
internal sealed class CheckpointWriter(CheckpointFolder folder, CheckpointInterval every, RunIdentity identity, Action<CheckpointReport> written, Action<string> failed)
{
    private long _last = Stopwatch.GetTimestamp();
    private int _steps;

    /// <summary>Whether a checkpoint is to be written after this step, of which it is told. Allocates nothing.</summary>
    public bool IsDue() => every.Steps > 0 ? ++_steps >= every.Steps : Stopwatch.GetElapsedTime(_last) >= every.Time;

    /// <summary>Writes where a run is.</summary>
    public void Write(TrainingRun run)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            folder.Write(stream => run.WriteCheckpoint(stream, identity));
            written(new CheckpointReport(run.Epoch, run.StepsDone, Stopwatch.GetElapsedTime(start).TotalSeconds));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failed($"lpom: --checkpoint: {folder.Name}: the checkpoint cannot be written, training goes on: {e.Message}");
        }

        (_last, _steps) = (Stopwatch.GetTimestamp(), 0);
    }
}

/// <summary>A checkpoint that was written.</summary>
/// <param name="Epoch">That was being trained.</param>
/// <param name="Step">Steps that were done.</param>
/// <param name="Seconds">That it took to write.</param>
internal readonly record struct CheckpointReport(int Epoch, int Step, double Seconds)
{
    public static void Write(Utf8JsonWriter json, CheckpointReport report)
    {
        json.WriteString("event", "checkpoint");
        json.WriteNumber("epoch", report.Epoch);
        json.WriteNumber("step", report.Step);
        json.WriteNumber("writeSeconds", report.Seconds);
    }
}
