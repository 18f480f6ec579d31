using System.Buffers.Binary;

namespace Lpom.Data;

/// <summary>The images of an IDX file.</summary>
/// <param name="Pixels">[Count × Height·Width], row-major.</param>
/// <param name="Count">Number of images.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
public sealed record IdxImages(ReadOnlyMemory<byte> Pixels, int Count, int Height, int Width);

/// <summary>
/// Reads IDX files, MNIST's format, plain or .gz: big-endian magic 0x00000803 and three dimensions for images
/// (idx3-ubyte), 0x00000801 and one for labels (idx1-ubyte), then one byte a value and nothing after.
/// </summary>
public static class IdxReader
{
    /// <summary>Reads a file of images.</summary>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">Wrong magic, impossible dimensions, truncated, or bytes left over; nothing large is allocated before the dimensions are checked against the file's length.</exception>
    public static IdxImages ReadImages(string path)
    {
        using IdxFile file = IdxFile.OpenImages(path);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(file.Count * file.Height * file.Width);
        file.ReadInto(pixels);
        return new IdxImages(pixels, file.Count, file.Height, file.Width);
    }

    /// <summary>Reads a file of labels, one byte each.</summary>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">Wrong magic, impossible count, truncated, or bytes left over.</exception>
    public static byte[] ReadLabels(string path)
    {
        using IdxFile file = IdxFile.OpenLabels(path);
        byte[] labels = new byte[file.Count];
        file.ReadInto(labels);
        return labels;
    }
}

/// <summary>An IDX file whose header has been read and checked, so that what it declares may be allocated.</summary>
internal sealed class IdxFile : IDisposable
{
    public const uint ImagesMagic = 0x0803, LabelsMagic = 0x0801;
    private const uint MaxSide = 65_536;

    private readonly SourceFile _source;
    private readonly string _what;

    private IdxFile(SourceFile source, uint magic, string what)
    {
        _source = source;
        _what = what;
        int dimensions = magic == ImagesMagic ? 3 : 1;
        Span<byte> header = stackalloc byte[4 * (1 + dimensions)];
        header.Clear();
        source.ReadExactly(header, "magic number and dimensions of an IDX file");
        uint found = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (found != magic)
            throw new DataFormatException(source.Path, $"wrong magic number 0x{found:X8} at byte 0, expected 0x{magic:X8} (IDX {what}).");

        uint count = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        uint height = dimensions == 3 ? BinaryPrimitives.ReadUInt32BigEndian(header[8..]) : 1;
        uint width = dimensions == 3 ? BinaryPrimitives.ReadUInt32BigEndian(header[12..]) : 1;
        string declared = dimensions == 3 ? $"{count} images of {height}×{width}" : $"{count} labels";
        if (count == 0 || height is 0 or > MaxSide || width is 0 or > MaxSide)
            throw new DataFormatException(source.Path, $"the header declares {declared}; expected at least one, of sides 1…{MaxSide}.");

        // At most 2³² · 2¹⁶ · 2¹⁶, which 64 bits do not hold: saturated, it is too long for any file.
        UInt128 values = UInt128.Min((UInt128)count * height * width, long.MaxValue);
        ulong content = (ulong)values + (ulong)header.Length;
        CheckLength(source, declared, content, (ulong)header.Length);
        (Count, Height, Width) = ((int)count, (int)height, (int)width);
    }

    public int Count { get; }

    public int Height { get; }

    public int Width { get; }

    public string Path => _source.Path;

    public static IdxFile OpenImages(string path) => Open(path, ImagesMagic, "images, idx3-ubyte");

    public static IdxFile OpenLabels(string path) => Open(path, LabelsMagic, "labels, idx1-ubyte");

    /// <summary>Reads all values and verifies that the file ends there.</summary>
    /// <param name="values">[Count × Height·Width].</param>
    public void ReadInto(Span<byte> values)
    {
        _source.ReadExactly(values, _what);
        _source.ExpectEnd(_what);
    }

    public void Dispose() => _source.Dispose();

    private static IdxFile Open(string path, uint magic, string what)
    {
        SourceFile source = SourceFile.Open(path);
        try
        {
            return new IdxFile(source, magic, what);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static void CheckLength(SourceFile source, string declared, ulong content, ulong header)
    {
        if (!source.IsGzip && content != (ulong)source.FileLength)
        {
            string problem = content > (ulong)source.FileLength ? "truncated, or a wrong header" : "bytes left over, or a wrong header";
            throw new DataFormatException(source.Path, $"the header declares {declared}, {content} bytes in all; the file has {source.FileLength} ({problem}).");
        }

        if (content > (ulong)source.MaxContentLength)
            throw new DataFormatException(source.Path, $"the header declares {declared}, {content} bytes in all; a gzip file of {source.FileLength} bytes cannot hold them (truncated, or a wrong header).");
        if (content - header > (ulong)Array.MaxLength)
            throw new DataFormatException(source.Path, $"the header declares {declared}, {content} bytes in all; expected at most {Array.MaxLength}.");
    }
}
