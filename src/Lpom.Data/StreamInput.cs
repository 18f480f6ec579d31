namespace Lpom.Data;

/// <summary>What a stream gives, such as a pipe: of a length that is known at its end.</summary>
/// <param name="stream">Not disposed of.</param>
/// <param name="name">What errors call it.</param>
internal sealed class StreamInput(Stream stream, string name) : ByteInput(name)
{
    public override long? Length => null;

    public override long MaxLength => long.MaxValue;

    public override void Dispose()
    {
    }

    protected override int ReadSome(Span<byte> buffer)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (IOException e)
        {
            throw new DataFormatException(Path, $"cannot be read after byte {Position} ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
