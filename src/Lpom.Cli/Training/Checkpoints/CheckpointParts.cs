using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Lpom.Cli.Distributed;
using Lpom.Simd.Training.Distributed;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>
/// One file with the checkpoints of ranks that divide a network's layers, the first rank's, which writes and reads it for all: the ranks'
/// parts one after the other, then their lengths, their number and a mark. Little endian.
/// </summary>
/// <param name="ranks">All ranks.</param>
internal sealed class CheckpointParts(ICommunicator ranks)
{
    /// <summary><c>LPOMPART</c>.</summary>
    private const ulong Mark = 0x54_52_41_50_4D_4F_50_4C;

    private const int None = 0, Parts = 1, Whole = 2, Unreadable = 3;

    /// <summary>Takes part in writing on a rank that does not write.</summary>
    /// <param name="own">Writes this rank's part.</param>
    /// <exception cref="InvalidDataException">The part cannot be saved; the first rank knows, and has no checkpoint then.</exception>
    public void Send(Action<Stream> own) => RankSink.Send(ranks, to: 0, own);

    /// <summary>Writes all ranks' parts, on the first.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="own">Writes this rank's part.</param>
    /// <exception cref="IOException">They cannot be written; the others have sent theirs, as with any other exception.</exception>
    /// <exception cref="InvalidDataException">A part cannot be saved.</exception>
    public void Write(Stream file, Action<Stream> own)
    {
        long[] lengths = new long[ranks.Size];
        Exception? problem = null;
        try
        {
            using var counting = new CountingStream(file);
            own(counting);
            lengths[0] = counting.Count;
        }
        catch (Exception e)
        {
            // Whatever it is, the others send their parts, and are to be heard first.
            problem = e;
        }

        for (int rank = 1; rank < ranks.Size; rank++)
            lengths[rank] = Receive(rank, file, ref problem);
        if (problem is not null)
            ExceptionDispatchInfo.Throw(problem);
        WriteEnd(file, lengths);
    }

    /// <summary>Receives the others' parts on the first rank, which cannot write them.</summary>
    public void Discard()
    {
        for (int rank = 1; rank < ranks.Size; rank++)
            _ = RankSink.Receive(ranks, rank, destination: null);
    }

    /// <summary>This rank's part of a file of the first rank's; of one without parts, or with those of other ranks, all of it; null when there is no file.</summary>
    /// <exception cref="IOException">It cannot be read, or a part cannot be kept in a temporary file.</exception>
    public Stream? Open(Stream? file)
    {
        (int kind, long[] lengths, IOException? problem) = Look(file);
        ranks.Broadcast(MemoryMarshal.AsBytes(new Span<int>(ref kind)), root: 0);
        return kind switch
        {
            None => null,
            Whole => SharedStream.Of(file, ranks),
            Parts => file is null ? ReceiveOwn() : SendOthers(file, lengths),
            _ => throw problem ?? new IOException("the first rank cannot read it"),
        };
    }

    private (int Kind, long[] Lengths, IOException? Problem) Look(Stream? file)
    {
        if (file is null)
            return (None, [], null);
        try
        {
            long[] lengths = ReadEnd(file);
            return (lengths.Length == ranks.Size ? Parts : Whole, lengths, null);
        }
        catch (IOException e)
        {
            return (Unreadable, [], e);
        }
    }

    private long Receive(int rank, Stream file, ref Exception? problem)
    {
        try
        {
            long? length = RankSink.Receive(ranks, rank, problem is null ? file : null);
            if (length is null)
                problem ??= new InvalidDataException($"rank {rank} cannot save its layers");
            return length ?? 0;
        }
        catch (IOException e)
        {
            problem ??= e;
            return 0;
        }
    }

    private static void WriteEnd(Stream file, long[] lengths)
    {
        file.Write(MemoryMarshal.AsBytes(lengths.AsSpan()));
        int count = lengths.Length;
        file.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in count)));
        ulong mark = Mark;
        file.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in mark)));
    }

    // Empty for a file of other, or no, parts. What a file says is not believed before it adds up.
    private long[] ReadEnd(Stream file)
    {
        int size = (ranks.Size * sizeof(long)) + sizeof(int) + sizeof(ulong);
        if (file.Length < size)
            return [];
        byte[] end = new byte[size];
        file.Position = file.Length - size;
        file.ReadExactly(end);
        file.Position = 0;
        long[] lengths = MemoryMarshal.Cast<byte, long>(end.AsSpan(0, ranks.Size * sizeof(long))).ToArray();
        bool isOurs = BitConverter.ToUInt64(end, size - sizeof(ulong)) == Mark && BitConverter.ToInt32(end, size - sizeof(ulong) - sizeof(int)) == ranks.Size;
        bool addsUp = lengths.All(length => length >= 0 && length <= file.Length) && lengths.Sum() == file.Length - size;
        return isOurs && addsUp ? lengths : [];
    }

    private WindowStream SendOthers(Stream file, long[] lengths)
    {
        IOException? problem = null;
        long first = lengths[0];
        for (int rank = 1; rank < ranks.Size; first += lengths[rank++])
            problem = TrySend(file, first, lengths[rank], rank) ?? problem;
        if (problem is not null)
            throw problem;
        file.Position = 0;
        return new WindowStream(file, lengths[0]);
    }

    private IOException? TrySend(Stream file, long first, long length, int rank)
    {
        try
        {
            RankSink.Send(ranks, rank, sink =>
            {
                file.Position = first;
                new WindowStream(file, length).CopyTo(sink, RankSink.MostBytes);
            });
            return null;
        }
        catch (IOException e)
        {
            return e;
        }
    }

    private FileStream ReceiveOwn()
    {
        FileStream part = CreateTemporary();
        try
        {
            if (RankSink.Receive(ranks, 0, part) is null)
                throw new IOException("the first rank cannot read it");
            part.Position = 0;
            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    private FileStream CreateTemporary()
    {
        try
        {
            return new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _ = RankSink.Receive(ranks, 0, destination: null);
            throw new IOException($"its part cannot be kept in {Path.GetTempPath()}: {e.Message}", e);
        }
    }
}
