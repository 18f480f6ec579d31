using System.Runtime.InteropServices;
using Lpom.Cli.Training.Checkpoints;
using Lpom.Simd.Training.Distributed;

namespace Lpom.Cli.Distributed;

/// <summary>Sends what is written to another rank: pieces behind their lengths, then an end, or that there was a problem.</summary>
/// <param name="ranks">All ranks.</param>
/// <param name="to">The rank.</param>
internal sealed class RankSink(ICommunicator ranks, int to) : WriteOnlyStream
{
    /// <summary>The most bytes of a piece.</summary>
    public const int MostBytes = 1 << 20;

    private const int EndOfAll = 0, Problem = -1;

    private readonly byte[] _piece = new byte[MostBytes];
    private int _filled;

    /// <summary>Sends all that some work writes; where it fails, the receiver learns of it too.</summary>
    public static void Send(ICommunicator ranks, int to, Action<Stream> work)
    {
        using var sink = new RankSink(ranks, to);
        try
        {
            work(sink);
        }
        catch
        {
            sink.Announce(Problem);
            throw;
        }

        sink.SendPiece();
        sink.Announce(EndOfAll);
    }

    /// <summary>Receives all that a rank sends, and writes it; to the end, also when it cannot be written.</summary>
    /// <returns>Bytes; null when the sender had a problem.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static long? Receive(ICommunicator ranks, int from, Stream? destination)
    {
        byte[] piece = new byte[MostBytes];
        IOException? problem = null;
        long sum = 0;
        int length;
        while ((length = ReceiveLength(ranks, from)) > 0)
        {
            ranks.Receive(piece.AsSpan(0, length), from);
            sum += length;
            problem ??= TryWrite(destination, piece.AsSpan(0, length));
        }

        if (problem is not null)
            throw problem;
        return length == EndOfAll ? sum : null;
    }

    /// <inheritdoc />
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = Math.Min(MostBytes - _filled, buffer.Length);
            buffer[..count].CopyTo(_piece.AsSpan(_filled));
            _filled += count;
            buffer = buffer[count..];
            if (_filled == MostBytes)
                SendPiece();
        }
    }

    /// <inheritdoc />
    public override void Flush()
    {
    }

    private void SendPiece()
    {
        if (_filled == 0)
            return;
        Announce(_filled);
        ranks.Send(_piece.AsSpan(0, _filled), to);
        _filled = 0;
    }

    private static int ReceiveLength(ICommunicator ranks, int from)
    {
        int length = 0;
        ranks.Receive(MemoryMarshal.AsBytes(new Span<int>(ref length)), from);
        return length;
    }

    private static IOException? TryWrite(Stream? destination, ReadOnlySpan<byte> bytes)
    {
        try
        {
            destination?.Write(bytes);
            return null;
        }
        catch (IOException e)
        {
            return e;
        }
    }

    private void Announce(int length) => ranks.Send(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)), to);
}
