using Lpom.Simd.Model;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>The networks in a checkpoint.</summary>
internal static class SnapshotFormat
{
    private const int Start = -1, Most = 3;

    /// <summary>Writes snapshots, and each network once.</summary>
    public static void Write(BinaryWriter writer, ReadOnlySpan<Snapshot> all)
    {
        // Snapshots are often the same; after a restart two may have the same number of epochs.
        Snapshot[] kept = [.. all.ToArray().Where(s => s.Epochs > 0).DistinctBy(s => s.Network)];
        writer.Write(kept.Length);
        foreach (Snapshot snapshot in kept)
            WriteOne(writer, snapshot);
        foreach (Snapshot snapshot in all)
            writer.Write(snapshot.Epochs == 0 ? Start : Array.FindIndex(kept, s => ReferenceEquals(s.Network, snapshot.Network)));
    }

    /// <summary>Reads as many snapshots as there is room for.</summary>
    /// <exception cref="InvalidDataException">One that the run cannot have.</exception>
    /// <exception cref="IOException">It ends too soon, or holds a damaged model.</exception>
    public static void Read(BinaryReader reader, RunFrame frame, IReadOnlyList<EpochReport> history, Span<Snapshot> all)
    {
        var kept = new Snapshot[reader.ReadCount(Most)];
        for (int i = 0; i < kept.Length; i++)
            kept[i] = ReadOne(reader, frame, history);
        foreach (ref Snapshot snapshot in all)
        {
            int number = reader.ReadInt32();
            if (number < Start || number >= kept.Length)
                throw new InvalidDataException($"it refers to model {number} of {kept.Length}");
            snapshot = number == Start ? frame.Start : kept[number];
        }
    }

    private static void WriteOne(BinaryWriter writer, Snapshot snapshot)
    {
        writer.Write(snapshot.Epochs);
        // Twice, so that no network is in memory twice: the first time only its length is taken.
        using var count = new CountingStream();
        snapshot.Network.Save(count);
        writer.Write(count.Count);
        writer.Flush();
        snapshot.Network.Save(writer.BaseStream);
    }

    private static Snapshot ReadOne(BinaryReader reader, RunFrame frame, IReadOnlyList<EpochReport> history)
    {
        int epochs = reader.ReadInt32();
        return epochs >= 1 && epochs <= history.Count
            ? new Snapshot(ReadNetwork(reader, frame.Start.Network), epochs, history[epochs - 1])
            : throw new InvalidDataException($"a model of it is after {epochs} epochs of {history.Count}");
    }

    private static Network ReadNetwork(BinaryReader reader, Network start)
    {
        long length = reader.ReadLength();
        long end = reader.BaseStream.Position + length;
        // Closing the window would close the checkpoint.
        Network network = Network.Load(new WindowStream(reader.BaseStream, length), "the checkpoint's model");
        reader.BaseStream.Position = end;
        return Describe(network) == Describe(start) ? network : throw new InvalidDataException($"a model of it is {Describe(network)}, not {Describe(start)}");
    }

    // What a trainer that goes on from it relies on.
    private static string Describe(Network network) =>
        $"{network.Shape} with {string.Join(',', network.Layers.Select(layer => layer.Activation.Name + (layer.Bias.IsEmpty ? "" : "+bias")))} and loss {network.Loss}";
}
