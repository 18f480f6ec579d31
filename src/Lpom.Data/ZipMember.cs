using System.IO.Compression;

namespace Lpom.Data;

/// <summary>A member of a ZIP archive: of its declared length, which its compressed bytes can hold, and of its declared checksum.</summary>
internal sealed class ZipMember : ByteInput
{
    private readonly ZipArchiveEntry _entry;
    private readonly Stream _content;
    private Crc32 _checksum = new();

    private ZipMember(ZipArchiveEntry entry, string path) : base(path)
    {
        _entry = entry;
        if (entry.IsEncrypted)
            throw new DataFormatException(path, "is encrypted; expected a plain member.");
        if (entry.Length > MaxLength)
            throw new DataFormatException(path, $"declares {entry.Length} bytes; the {entry.CompressedLength} compressed ones hold {MaxLength} at most.");
        _content = entry.Open();
    }

    public override long? Length => _entry.Length;

    public override long MaxLength => (long)Math.Min((ulong)_entry.CompressedLength * SourceFile.MaxDeflateRatio, long.MaxValue);

    /// <param name="entry">The member.</param>
    /// <param name="path">What errors call it.</param>
    /// <exception cref="DataFormatException">Encrypted, compressed in another way than by Deflate, or declared longer than it can be.</exception>
    public static ZipMember Open(ZipArchiveEntry entry, string path)
    {
        try
        {
            return new ZipMember(entry, path);
        }
        catch (Exception e) when (NpzArchive.IsDamage(e))
        {
            throw new DataFormatException(path, $"cannot be opened in the ZIP archive ({e.Message.TrimEnd('.')}).", e);
        }
    }

    public override void Dispose() => _content.Dispose();

    protected override long? CompressedLength => _entry.CompressedLength;

    protected override long CountContent(long most)
    {
        using Stream content = _entry.Open();
        return Count(content, most, Damaged);
    }

    protected override int ReadSome(Span<byte> buffer)
    {
        int read;
        try
        {
            read = _content.Read(buffer);
        }
        catch (Exception e) when (NpzArchive.IsDamage(e))
        {
            throw Damaged(Position, e);
        }

        _checksum.Add(buffer[..read]);
        if (read == 0 && _checksum.Value != _entry.Crc32)
            throw new DataFormatException(Path, $"has the checksum {_checksum.Value:X8}, the archive says {_entry.Crc32:X8}: the data is damaged.");
        return read;
    }

    private DataFormatException Damaged(long after, Exception e) => new(Path, $"the compressed data is damaged or truncated, after {after} bytes of content.", e);
}
