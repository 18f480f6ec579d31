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
        return new IdxImages(file.ReadAll(), file.Count, file.Height, file.Width);
    }

    /// <summary>Reads a file of labels, one byte each.</summary>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">Wrong magic, impossible count, truncated, or bytes left over.</exception>
    public static byte[] ReadLabels(string path)
    {
        using IdxFile file = IdxFile.OpenLabels(path);
        return file.ReadAll();
    }
}

/// <summary>An IDX file whose header has been read and checked, so that what it declares may be allocated.</summary>
internal sealed class IdxFile : IDisposable
{
    public const uint ImagesMagic = 0x0803, LabelsMagic = 0x0801;
    private const uint MaxSide = 65_536;

    private readonly string _what;
    private readonly string _declared;

    private IdxFile(ByteInput source, uint magic, string what)
    {
        Source = source;
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
        _declared = dimensions == 3 ? $"{count} images of {height}×{width}" : $"{count} labels";
        if (count == 0 || height is 0 or > MaxSide || width is 0 or > MaxSide)
            throw new DataFormatException(source.Path, $"the header declares {_declared}; expected at least one, of sides 1…{MaxSide}.");

        // At most 2³² · 2¹⁶ · 2¹⁶, which 64 bits do not hold: saturated, it is too long for any file.
        UInt128 values = UInt128.Min((UInt128)count * height * width, long.MaxValue);
        ulong content = (ulong)values + (ulong)header.Length;
        // Pictures compress to a fifth.
        source.CheckDeclared(_declared, content, 2 * content);
        if (count > int.MaxValue)
            throw new DataFormatException(source.Path, $"the header declares {_declared}; expected at most {int.MaxValue}.");
        (Count, Height, Width) = ((int)count, (int)height, (int)width);
    }

    public int Count { get; }

    public int Height { get; }

    public int Width { get; }

    public string Path => Source.Path;

    /// <summary>The values come next in it.</summary>
    public ByteInput Source { get; }

    public static IdxFile OpenImages(string path) => OpenImages(SourceFile.Open(path));

    /// <summary>Takes the input, and disposes of it also when it fails.</summary>
    public static IdxFile OpenImages(ByteInput source) => Open(source, ImagesMagic, "images, idx3-ubyte");

    public static IdxFile OpenLabels(string path) => Open(SourceFile.Open(path), LabelsMagic, "labels, idx1-ubyte");

    /// <summary>All values [Count × Height·Width].</summary>
    public byte[] ReadAll()
    {
        long length = (long)Count * Height * Width;
        if (length > Array.MaxLength)
            throw new DataFormatException(Path, $"the header declares {_declared}, {length} values; expected at most {Array.MaxLength}.");
        byte[] values = GC.AllocateUninitializedArray<byte>((int)length);
        ReadInto(values);
        return values;
    }

    /// <summary>Reads all values and verifies that the file ends there.</summary>
    /// <param name="values">[Count × Height·Width].</param>
    public void ReadInto(Span<byte> values)
    {
        Source.ReadExactly(values, _what);
        Source.ExpectEnd(_what);
    }

    public void Dispose() => Source.Dispose();

    private static IdxFile Open(ByteInput source, uint magic, string what)
    {
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
}
