namespace Lpom.Data;

/// <summary>A file of which only so many bytes may be read before <see cref="Lift"/>: what a library makes of them takes many times their memory.</summary>
/// <param name="file">The file; disposed with this.</param>
/// <param name="most">Bytes.</param>
internal sealed class MeteredStream(Stream file, long most) : Stream
{
    private long _left = most;

    /// <summary>Whether more was asked for.</summary>
    public bool IsExceeded { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => file.Position = value;
    }

    /// <summary>From here on all may be read.</summary>
    public void Lift() => _left = long.MaxValue;

    /// <exception cref="InvalidDataException">It would be more than may be read.</exception>
    public override int Read(Span<byte> buffer)
    {
        int count = file.Read(buffer);
        _left -= count;
        if (_left >= 0)
            return count;
        IsExceeded = true;
        throw new InvalidDataException("More is read than may be.");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }
}
