namespace Lpom.Data;

/// <summary>
/// The bytes of a data file, of a member of an archive or of a pipe, read once from start to end. Whatever goes wrong is a
/// <see cref="DataFormatException"/> that names it.
/// </summary>
/// <param name="path">What errors call it.</param>
internal abstract class ByteInput(string path) : IDisposable
{
    /// <summary>Bytes that may be allocated for one of what is compressed, before what is in it is counted.</summary>
    private const int BelievedRatio = 10;

    private const int CountedAtOnce = 16 << 10;

    public string Path => path;

    /// <summary>Bytes in all; null where that is known at the end only.</summary>
    public abstract long? Length { get; }

    /// <summary>More bytes than this it cannot hold.</summary>
    public abstract long MaxLength { get; }

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Reads some bytes; 0 at the end, which is verified.</summary>
    public int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        int read = ReadSome(buffer);
        Position += read;
        return read;
    }

    /// <summary>Fills the buffer.</summary>
    /// <param name="buffer">Overwritten.</param>
    /// <param name="what">What is read, for the message.</param>
    public void ReadExactly(Span<byte> buffer, string what)
    {
        int filled = 0;
        while (filled < buffer.Length)
        {
            int read = Read(buffer[filled..]);
            if (read == 0)
                throw new DataFormatException(Path, $"truncated: {what} need {buffer.Length} bytes, found {filled}.");
            filled += read;
        }
    }

    /// <summary>Demands that the content ends here.</summary>
    public void ExpectEnd(string what)
    {
        Span<byte> one = stackalloc byte[1];
        if (Read(one) != 0)
            throw new DataFormatException(Path, $"has bytes left over after {what} ({Position - 1} bytes), expected the end.");
    }

    /// <summary>Demands that what a header declares can be here, before it is believed.</summary>
    /// <param name="declared">What the header declares, for the message.</param>
    /// <param name="content">Bytes of it, header included.</param>
    /// <param name="allocated">Bytes that are allocated when it is believed.</param>
    public void CheckDeclared(string declared, ulong content, ulong allocated)
    {
        if (Length is long length && content != (ulong)length)
        {
            string problem = content > (ulong)length ? "truncated, or a wrong header" : "bytes left over, or a wrong header";
            throw new DataFormatException(Path, $"the header declares {declared}, {content} bytes in all; the file has {length} ({problem}).");
        }

        if (content > (ulong)MaxLength)
            throw new DataFormatException(Path, $"the header declares {declared}, {content} bytes in all; compressed data of this size holds {MaxLength} at most (truncated, or a wrong header).");

        // A short file that says that it expands to gigabytes: whether it does is counted before memory is taken for it.
        if (CompressedLength is long compressed && allocated > (ulong)compressed * BelievedRatio && CountContent((long)content) is var found && (ulong)found < content)
            throw new DataFormatException(Path, $"the header declares {declared}, {content} bytes in all; the compressed data holds {found} (truncated, or a wrong header).");
    }

    public abstract void Dispose();

    /// <summary>Bytes on disk of what is compressed; null for what is not, or cannot be read twice.</summary>
    protected virtual long? CompressedLength => null;

    /// <summary>Counts the bytes that compressed content expands to, and uses none of them up.</summary>
    /// <param name="most">Where counting ends.</param>
    protected virtual long CountContent(long most) => throw new NotSupportedException();

    /// <summary>Counts the bytes of a stream.</summary>
    /// <param name="content">Read to its end, or to the most.</param>
    /// <param name="most">Where counting ends.</param>
    /// <param name="damaged">Makes the error of damage behind so many bytes.</param>
    protected static long Count(Stream content, long most, Func<long, Exception, DataFormatException> damaged)
    {
        byte[] buffer = new byte[CountedAtOnce];
        long count = 0;
        try
        {
            for (int read = -1; read != 0 && count < most; count += read)
                read = content.Read(buffer);
        }
        catch (Exception e) when (NpzArchive.IsDamage(e))
        {
            throw damaged(count, e);
        }

        return count;
    }

    /// <summary>Reads some bytes into a buffer that is not empty; 0 at the end.</summary>
    protected abstract int ReadSome(Span<byte> buffer);
}
