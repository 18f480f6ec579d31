using System.Runtime.InteropServices;
using Lpom.Simd.Training.Distributed;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>A file of the first rank that all ranks read, in the same steps.</summary>
internal sealed class SharedStream : Stream
{
    private const int BufferBytes = 1 << 20;

    private readonly Stream? _file;
    private readonly ICommunicator _ranks;
    private long _position;

    private SharedStream(Stream? file, ICommunicator ranks, long length) => (_file, _ranks, Length) = (file, ranks, length);

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get => _position; set => Seek(value, SeekOrigin.Begin); }

    /// <summary>The same for every rank; null when the first has none.</summary>
    /// <param name="file">Of the first rank.</param>
    /// <param name="ranks">All of them.</param>
    public static Stream? Of(Stream? file, ICommunicator ranks)
    {
        long length = file?.Length ?? -1;
        Share(ranks, ref length);
        return length < 0 ? null : new BufferedStream(new SharedStream(file, ranks, length), BufferBytes);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <exception cref="IOException">The first rank cannot read it.</exception>
    public override int Read(Span<byte> buffer)
    {
        (long read, IOException? problem) = ReadFile(buffer);
        Share(_ranks, ref read);
        if (read < 0)
            throw problem ?? new IOException("the first rank cannot read it");
        _ranks.Broadcast(buffer[..(int)read], root: 0);
        _position += read;
        return (int)read;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => Length + offset,
        };
        _file?.Seek(target, SeekOrigin.Begin);
        return _position = target;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file?.Dispose();
        base.Dispose(disposing);
    }

    private (long Read, IOException? Problem) ReadFile(Span<byte> buffer)
    {
        try
        {
            return (_file?.Read(buffer) ?? 0, null);
        }
        catch (IOException e)
        {
            return (-1, e);
        }
    }

    private static void Share(ICommunicator ranks, ref long value) => ranks.Broadcast(MemoryMarshal.AsBytes(new Span<long>(ref value)), root: 0);
}
