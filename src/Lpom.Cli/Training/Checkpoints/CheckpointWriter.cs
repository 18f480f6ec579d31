using System.Diagnostics;
using System.Text.Json;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>Writes checkpoints as often as they are asked for. That one cannot be written does not end the training.</summary>
/// <param name="folder">Where to; null for a rank that leaves it to the first.</param>
/// <param name="every">How often.</param>
/// <param name="identity">Of the run.</param>
/// <param name="written">Told of every checkpoint.</param>
/// <param name="failed">Told what went wrong when one could not be written.</param>
/// <param name="first">What there is before the first.</param>
/// <param name="parts">Where ranks have each a part of what is written; else null.</param>
internal sealed class CheckpointWriter(CheckpointFolder? folder, CheckpointInterval every, RunIdentity identity, Action<CheckpointReport> written, Action<string> failed, CheckpointState first, CheckpointParts? parts = null)
{
    private long _last = Stopwatch.GetTimestamp();
    private int _steps;

    /// <summary>What the run can go on from.</summary>
    public CheckpointState State { get; private set; } = first;

    /// <summary>Whether a checkpoint is to be written after this step, of which it is told. Allocates nothing.</summary>
    public bool IsDue()
    {
        _steps++;
        return IsOverdue;
    }

    /// <summary>Whether one was to be written after a step where the run could not pause.</summary>
    public bool IsOverdue => folder is not null && (every.Steps > 0 ? _steps >= every.Steps : Stopwatch.GetElapsedTime(_last) >= every.Time);

    /// <summary>Writes where a run is.</summary>
    /// <param name="run">The run.</param>
    /// <param name="goesOn">Whether there are more steps to come.</param>
    public void Write(TrainingRun run, bool goesOn)
    {
        if (folder is null)
        {
            TakePart(run);
            return;
        }

        long start = Stopwatch.GetTimestamp();
        bool hasBegun = false;
        try
        {
            folder.Write(stream =>
            {
                hasBegun = true;
                WriteAll(run, stream);
            });
            State = CheckpointState.Newest;
            written(new CheckpointReport(run.Epoch, run.StepsDone, Stopwatch.GetElapsedTime(start).TotalSeconds));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or OutOfMemoryException)
        {
            State = State == CheckpointState.None ? CheckpointState.None : CheckpointState.Earlier;
            failed($"lpom: --checkpoint: {folder.Name}: the checkpoint cannot be written{(goesOn ? ", training goes on" : "")}: {e.Message}");
        }

        if (!hasBegun)
            parts?.Discard();
        (_last, _steps) = (Stopwatch.GetTimestamp(), 0);
    }

    private void WriteAll(TrainingRun run, Stream stream)
    {
        if (parts is null)
            run.WriteCheckpoint(stream, identity);
        else
            parts.Write(stream, own => run.WriteCheckpoint(own, identity));
    }

    private void TakePart(TrainingRun run)
    {
        try
        {
            parts?.Send(stream => run.WriteCheckpoint(stream, identity));
        }
        catch (Exception e) when (e is InvalidDataException or OutOfMemoryException)
        {
            // The first rank says so.
        }
    }
}

/// <summary>What there is to go on from.</summary>
internal enum CheckpointState
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A checkpoint of some steps ago.</summary>
    Earlier,

    /// <summary>One of the last step, as far as checkpoints were due.</summary>
    Newest,
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
