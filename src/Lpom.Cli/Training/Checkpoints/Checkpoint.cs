using System.Text;
using Lpom.Simd.Training;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>The contents of a checkpoint: whose they are, where the run is, the trainer's state. Little endian.</summary>
internal static class Checkpoint
{
    /// <summary><c>LPOMCKPT</c>.</summary>
    private const ulong Magic = 0x54_50_4B_43_4D_4F_50_4C;

    private const int Version = 5;

    private const int MostOptions = 100;

    /// <summary>What a checkpoint says of itself.</summary>
    /// <param name="Identity">Of the run.</param>
    /// <param name="IsOver">Whether nothing is left to train.</param>
    /// <param name="Simd">Bits of the vectors that it was trained with.</param>
    internal sealed record Head(RunIdentity Identity, bool IsOver, int Simd);

    /// <exception cref="InvalidDataException">The trainer's state is not finite.</exception>
    public static void Write(Stream stream, Head head, RunPosition at, double seconds, Trainer trainer)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(Version);
        WriteHead(writer, head);
        WritePosition(writer, at);
        writer.Write(seconds);
        writer.Flush();
        trainer.SaveState(stream);
    }

    /// <exception cref="InvalidDataException">This is no checkpoint, or one of another version.</exception>
    /// <exception cref="EndOfStreamException">It ends too soon.</exception>
    public static Head ReadHead(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadUInt64() != Magic)
            throw new InvalidDataException("it is no checkpoint");
        int version = reader.ReadInt32();
        if (version != Version)
            throw new InvalidDataException($"it has version {version}, this program reads version {Version}");
        bool isOver = reader.ReadBoolean();
        int simd = reader.ReadInt32();
        (string program, string data, string digest, string meaning) = (reader.ReadText(), reader.ReadText(), reader.ReadText(), reader.ReadText());
        var options = new KeyValuePair<string, string>[reader.ReadCount(MostOptions)];
        for (int i = 0; i < options.Length; i++)
            options[i] = new(reader.ReadText(), reader.ReadText());
        return new Head(new RunIdentity(options, data, digest, meaning, program), isOver, simd);
    }

    /// <summary>The rest, behind the head.</summary>
    /// <param name="stream">Of known length; nothing follows the checkpoint.</param>
    /// <param name="head">Of the checkpoint.</param>
    /// <param name="at">Set to where the run is.</param>
    /// <param name="frame">Of the run.</param>
    /// <param name="trainer">Makes the trainer for where the run is; it is set to its state.</param>
    /// <returns>The seconds of training behind it.</returns>
    /// <exception cref="IOException">It ends too soon, or holds a damaged model.</exception>
    /// <exception cref="InvalidDataException">Its parts do not fit the run; the trainer is of no more use then.</exception>
    public static double ReadRest(Stream stream, Head head, RunPosition at, RunFrame frame, Func<Trainer> trainer)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        at.IsOver = head.IsOver;
        ReadPosition(reader, at, frame);
        double seconds = reader.ReadFinite();
        Make(trainer).LoadState(stream);
        return reader.Left() == 0 ? seconds : throw new InvalidDataException($"{reader.Left()} bytes follow where it should end");
    }

    private static void WriteHead(BinaryWriter writer, Head head)
    {
        writer.Write(head.IsOver);
        writer.Write(head.Simd);
        writer.WriteText(head.Identity.Program);
        writer.WriteText(head.Identity.Data);
        writer.WriteText(head.Identity.Digest);
        writer.WriteText(head.Identity.Meaning);
        writer.Write(head.Identity.Options.Count);
        foreach ((string option, string value) in head.Identity.Options)
        {
            writer.WriteText(option);
            writer.WriteText(value);
        }
    }

    private static void WritePosition(BinaryWriter writer, RunPosition at)
    {
        writer.Write(at.Epoch);
        writer.Write(at.Batch);
        writer.Write(at.Sums.Steps);
        writer.Write(at.Sums.Rows);
        writer.Write(at.Sums.Objective);
        writer.Write(at.Sums.Loss);
        writer.Write(at.Restarts);
        writer.Write(at.RestartedAfter);
        foreach (double residual in at.Residuals)
            writer.Write(residual);
        HistoryFormat.Write(writer, at.History);
        SnapshotFormat.Write(writer, [at.Last, at.Before, at.Best, at.BestBefore]);
    }

    private static void ReadPosition(BinaryReader reader, RunPosition at, RunFrame frame)
    {
        at.Epoch = reader.ReadInt32();
        at.Batch = reader.ReadInt32();
        at.Sums.Steps = reader.ReadInt32();
        at.Sums.Rows = reader.ReadInt64();
        at.Sums.Objective = reader.ReadFinite();
        at.Sums.Loss = reader.ReadFinite();
        at.Restarts = reader.ReadInt32();
        at.RestartedAfter = reader.ReadInt32();
        if (!frame.Holds(at))
            throw new InvalidDataException($"it is in epoch {at.Epoch}, batch {at.Batch}, of {frame.Epochs} epochs of {frame.Batches}, after {at.Restarts} restarts, the last after epoch {at.RestartedAfter}");
        foreach (ref double residual in at.Residuals.AsSpan())
            residual = reader.ReadFinite();
        HistoryFormat.Read(reader, frame, at);
        Span<Snapshot> snapshots = new Snapshot[4];
        SnapshotFormat.Read(reader, frame, at.History, snapshots);
        (at.Last, at.Before, at.Best, at.BestBefore) = (snapshots[0], snapshots[1], snapshots[2], snapshots[3]);
        if (!frame.HoldsSnapshots(at))
            throw new InvalidDataException($"it is in epoch {at.Epoch} with models after {at.Last.Epochs}, {at.Before.Epochs}, {at.Best.Epochs} and {at.BestBefore.Epochs} epochs");
    }

    /// <exception cref="InvalidDataException">None can go on from the models that were read, such as one whose weights overflow.</exception>
    private static Trainer Make(Func<Trainer> trainer)
    {
        try
        {
            return trainer();
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"training cannot go on from its model: {e.Message}", e);
        }
    }
}
