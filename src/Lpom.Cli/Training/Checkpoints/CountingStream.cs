namespace Lpom.Cli.Training.Checkpoints;

/// <summary>Counts what is written. Without a stream to write it to nothing of it is kept: a length can so stand before its contents.</summary>
/// <param name="stream">Where to; null for nowhere.</param>
internal sealed class CountingStream(Stream? stream = null) : WriteOnlyStream
{
    /// <summary>Bytes so far.</summary>
    public long Count { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        stream?.Write(buffer);
        Count += buffer.Length;
    }

    public override void Flush() => stream?.Flush();
}
