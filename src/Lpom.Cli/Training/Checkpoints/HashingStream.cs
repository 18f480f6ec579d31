using System.IO.Hashing;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>Writes through to a stream, and takes the checksum of what is written.</summary>
internal sealed class HashingStream(Stream stream) : WriteOnlyStream
{
    private readonly XxHash128 _hash = new();

    /// <summary>Of everything so far.</summary>
    public byte[] Checksum => _hash.GetCurrentHash();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hash.Append(buffer);
        stream.Write(buffer);
    }

    public override void Flush() => stream.Flush();
}
