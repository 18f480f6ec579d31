using System.Text;
using Lpom.Simd.Model;
using Lpom.Simd.Training;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>The contents of a checkpoint: whose they are, where the run is, the trainer's state. Little endian.</summary>
internal static class Checkpoint
{
    /// <summary><c>LPOMCKPT</c>.</summary>
    private const ulong Magic = 0x54_50_4B_43_4D_4F_50_4C;

    private const int Version = 2;

    private const int Start = -1;

    private const int MaxTextBytes = 4096;

    /// <summary>What a checkpoint says of itself.</summary>
    /// <param name="Identity">Of the run.</param>
    /// <param name="IsOver">Whether nothing is left to train.</param>
    /// <param name="Simd">Bits of the vectors that it was trained with.</param>
    internal sealed record Head(RunIdentity Identity, bool IsOver, int Simd);

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
        (string data, string digest) = (ReadText(reader), ReadText(reader));
        var options = new KeyValuePair<string, string>[Count(reader, most: 100)];
        for (int i = 0; i < options.Length; i++)
            options[i] = new(ReadText(reader), ReadText(reader));
        return new Head(new RunIdentity(options, data, digest), isOver, simd);
    }

    /// <summary>The rest, behind the head.</summary>
    /// <param name="stream">Of known length.</param>
    /// <param name="at">Set to where the run is.</param>
    /// <param name="start">The snapshot before the first epoch, which is not in the file.</param>
    /// <param name="epochs">Of the run.</param>
    /// <param name="batches">Of an epoch.</param>
    /// <param name="trainer">Makes the trainer for where the run is; it is set to its state.</param>
    /// <returns>The seconds of training behind it.</returns>
    /// <exception cref="IOException">It ends too soon, or holds a damaged model.</exception>
    /// <exception cref="InvalidDataException">Its parts do not fit the run; the trainer is of no more use then.</exception>
    public static double ReadRest(Stream stream, RunPosition at, Snapshot start, int epochs, int batches, Func<Trainer> trainer)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        ReadPosition(reader, at, start);
        if (!at.IsWithin(epochs, batches))
            throw new InvalidDataException($"it is in epoch {at.Epoch}, batch {at.Batch}, of {epochs} epochs of {batches}, after {at.Restarts} restarts, the last after epoch {at.RestartedAfter}");
        double seconds = reader.ReadDouble();
        trainer().LoadState(stream);
        return seconds;
    }

    private static void WriteHead(BinaryWriter writer, Head head)
    {
        writer.Write(head.IsOver);
        writer.Write(head.Simd);
        WriteText(writer, head.Identity.Data);
        WriteText(writer, head.Identity.Digest);
        writer.Write(head.Identity.Options.Count);
        foreach ((string option, string value) in head.Identity.Options)
        {
            WriteText(writer, option);
            WriteText(writer, value);
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
        writer.Write(at.IsOver);
        writer.Write(at.Restarts);
        writer.Write(at.RestartedAfter);
        // Snapshots are often the same; after a restart two may have the same number of epochs.
        Snapshot[] all = [at.Last, at.Before, at.Best];
        Snapshot[] kept = [.. all.Where(s => s.Epochs > 0).DistinctBy(s => s.Network)];
        writer.Write(kept.Length);
        foreach (Snapshot snapshot in kept)
            WriteSnapshot(writer, snapshot);
        foreach (Snapshot snapshot in all)
            writer.Write(snapshot.Epochs == 0 ? Start : Array.FindIndex(kept, s => ReferenceEquals(s.Network, snapshot.Network)));
    }

    private static void ReadPosition(BinaryReader reader, RunPosition at, Snapshot start)
    {
        at.Epoch = reader.ReadInt32();
        at.Batch = reader.ReadInt32();
        at.Sums.Steps = reader.ReadInt32();
        at.Sums.Rows = reader.ReadInt64();
        at.Sums.Objective = reader.ReadDouble();
        at.Sums.Loss = reader.ReadDouble();
        at.IsOver = reader.ReadBoolean();
        at.Restarts = reader.ReadInt32();
        at.RestartedAfter = reader.ReadInt32();
        var kept = new Snapshot[Count(reader, most: 3)];
        for (int i = 0; i < kept.Length; i++)
            kept[i] = ReadSnapshot(reader, start.Network);
        at.Last = Read();
        at.Before = Read();
        at.Best = Read();

        Snapshot Read()
        {
            int number = reader.ReadInt32();
            if (number < Start || number >= kept.Length)
                throw new InvalidDataException($"it refers to model {number} of {kept.Length}");
            return number == Start ? start : kept[number];
        }
    }

    private static void WriteSnapshot(BinaryWriter writer, Snapshot snapshot)
    {
        writer.Write(snapshot.Epochs);
        writer.Write(snapshot.Report.Seconds);
        writer.Write(snapshot.Report.Objective);
        writer.Write(snapshot.Report.Loss);
        WriteScore(writer, snapshot.Report.Train);
        WriteScore(writer, snapshot.Report.Validation);
        WriteScore(writer, snapshot.Report.Test);
        using var model = new MemoryStream();
        snapshot.Network.Save(model);
        writer.Write((int)model.Length);
        writer.Write(model.GetBuffer().AsSpan(0, (int)model.Length));
    }

    private static Snapshot ReadSnapshot(BinaryReader reader, Network start)
    {
        int epochs = reader.ReadInt32();
        (double seconds, double objective, double loss) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        Score train = ReadScore(reader) ?? throw new InvalidDataException("an epoch of it has no figures");
        var report = new EpochReport(epochs, seconds, objective, loss, train, ReadScore(reader), ReadScore(reader));
        int length = Count(reader, most: (int)Math.Min(Array.MaxLength, reader.BaseStream.Length - reader.BaseStream.Position));
        using var model = new MemoryStream(reader.ReadBytes(length));
        Network network = Network.Load(model, "the checkpoint's model");
        return network.Shape == start.Shape ? new Snapshot(network, epochs, report) : throw new InvalidDataException($"a model of it is {network.Shape}, not {start.Shape}");
    }

    private static void WriteScore(BinaryWriter writer, Score? score)
    {
        writer.Write(score is not null);
        if (score is not Score measured)
            return;
        writer.Write(measured.Accuracy is not null);
        writer.Write(measured.Value);
        writer.Write(measured.R2 is not null);
        writer.Write(measured.R2 ?? 0);
        writer.Write(measured.Loss);
        writer.Write(measured.Samples);
    }

    private static Score? ReadScore(BinaryReader reader)
    {
        if (!reader.ReadBoolean())
            return null;
        bool isAccuracy = reader.ReadBoolean();
        double value = reader.ReadDouble();
        bool hasR2 = reader.ReadBoolean();
        double r2 = reader.ReadDouble();
        return new Score(isAccuracy ? value : null, isAccuracy ? null : value, hasR2 ? r2 : null, reader.ReadDouble(), reader.ReadInt32());
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static string ReadText(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes(Count(reader, MaxTextBytes)));

    /// <exception cref="InvalidDataException">Out of its range.</exception>
    private static int Count(BinaryReader reader, int most)
    {
        int count = reader.ReadInt32();
        return count >= 0 && count <= most ? count : throw new InvalidDataException($"it says {count} where at most {most} are expected");
    }
}
