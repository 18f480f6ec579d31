namespace Lpom.Cli.Training.Checkpoints;

/// <summary>Keeps nothing of what is written but how much it is: a length that stands before its contents, without a copy of them.</summary>
internal sealed class CountingStream : WriteOnlyStream
{
    /// <summary>Bytes so far.</summary>
    public long Count { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer) => Count += buffer.Length;

    public override void Flush()
    {
    }
}
