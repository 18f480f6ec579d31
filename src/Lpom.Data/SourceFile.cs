using System.Buffers.Binary;
using System.IO.Compression;

namespace Lpom.Data;

/// <summary>The content of a data file, plain or gzip (told by its first bytes).</summary>
/// <remarks>
/// GZipStream reports neither every truncation nor a missing trailer. So, when the content ends, its length is compared
/// with the one in the file's last four bytes. This rules out files of several gzip members, which are refused.
/// </remarks>
internal sealed class SourceFile : ByteInput
{
    // Deflate's best: 258 bytes for two bits.
    public const long MaxDeflateRatio = 1032;
    private const int GzipHeader = 10, GzipTrailer = 8;

    private readonly Stream _file;
    private readonly Stream _content;
    private readonly uint _trailerLength;

    private SourceFile(Stream file, string path, bool isGzip, uint trailerLength) : base(path)
    {
        _file = file;
        _content = isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
        _trailerLength = trailerLength;
        IsGzip = isGzip;
        FileLength = file.Length;
    }

    public bool IsGzip { get; }

    /// <summary>Bytes on disk.</summary>
    public long FileLength { get; }

    /// <summary>Most bytes that a .gz may expand to.</summary>
    public long MaxDecompressedBytes { get; set; } = long.MaxValue;

    /// <summary>Bytes of content, which are counted in a .gz; none of them are used up.</summary>
    public long ContentLength => Length ?? CountContent(Math.Min(MaxLength, MaxDecompressedBytes));

    public override long? Length => IsGzip ? null : FileLength;

    public override long MaxLength => IsGzip ? FileLength * MaxDeflateRatio : FileLength;

    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">It cannot be read.</exception>
    public static SourceFile Open(string path) => FromStream(OpenStream(path), path);

    /// <summary>Opens a regular file, as it is on disk.</summary>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">It cannot be read.</exception>
    public static FileStream OpenStream(string path)
    {
        if (FileKind.IsStream(path))
            throw new DataFormatException(path, "is not a regular file; expected one that can be read from any place.");
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataNotFoundException($"{path}: no such file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(path, $"cannot be read ({e.GetType().Name}).", e);
        }
    }

    /// <summary>Takes a seekable stream, and disposes of it also when it fails.</summary>
    public static SourceFile FromStream(Stream file, string path)
    {
        try
        {
            if (!file.CanSeek)
                throw new DataFormatException(path, "is not a regular file; expected one that can be read from any place.");
            bool isGzip = HasGzipMagic(file);
            if (!isGzip && path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
                throw new DataFormatException(path, $"does not start as a gzip file does (bytes 1F 8B); it has {file.Length} bytes.");
            if (isGzip && file.Length < GzipHeader + GzipTrailer)
                throw new DataFormatException(path, $"the gzip data is truncated: {file.Length} bytes, expected at least {GzipHeader + GzipTrailer}.");
            return new SourceFile(file, path, isGzip, isGzip ? TrailerLength(file) : 0);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        _content.Dispose();
        _file.Dispose();
    }

    protected override long? CompressedLength => IsGzip ? FileLength : null;

    protected override long CountContent(long most)
    {
        long at = _file.Position;
        _file.Position = 0;
        using var content = new GZipStream(_file, CompressionMode.Decompress, leaveOpen: true);
        long count = Count(content, most, Damaged);
        _file.Position = at;
        return count;
    }

    protected override int ReadSome(Span<byte> buffer)
    {
        int read;
        try
        {
            read = _content.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(Position, e);
        }
        catch (IOException e)
        {
            throw new DataFormatException(Path, $"cannot be read after byte {Position} ({e.GetType().Name}).", e);
        }

        if (read == 0)
            VerifyTrailer();
        if (IsGzip && Position + read > MaxDecompressedBytes)
            throw new DataFormatException(Path, $"expands to more than {MaxDecompressedBytes} bytes, the most allowed.");
        return read;
    }

    private DataFormatException Damaged(long after, Exception e) => new(Path, $"the gzip data is damaged or truncated, after {after} bytes of content.", e);

    private static bool HasGzipMagic(Stream file)
    {
        Span<byte> magic = stackalloc byte[2];
        int read = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return read == magic.Length && magic[0] == 0x1F && magic[1] == 0x8B;
    }

    private static uint TrailerLength(Stream file)
    {
        Span<byte> length = stackalloc byte[4];
        file.Position = file.Length - length.Length;
        file.ReadExactly(length);
        file.Position = 0;
        return BinaryPrimitives.ReadUInt32LittleEndian(length);
    }

    private void VerifyTrailer()
    {
        if (IsGzip && (uint)Position != _trailerLength)
            throw new DataFormatException(Path, $"the gzip data is truncated (or has several members, which is not supported): its content has {Position} bytes, its trailer says {_trailerLength}.");
    }
}
