namespace Lpom.Cli.Training.Checkpoints;

/// <summary>Some bytes of a seekable stream, from where it stands on, as a stream of its own: a reader that reads to the end goes no further.</summary>
/// <param name="stream">What they are part of; closed with this one.</param>
/// <param name="length">Bytes, all of them there.</param>
internal sealed class WindowStream(Stream stream, long length) : Stream
{
    private readonly long _start = stream.Position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => stream.Position - _start;
        set => stream.Position = _start + value;
    }

    public override int Read(Span<byte> buffer) => stream.Read(buffer[..(int)Math.Clamp(length - Position, 0, buffer.Length)]);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => Position,
        _ => length,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            stream.Dispose();
        base.Dispose(disposing);
    }
}
