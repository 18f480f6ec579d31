namespace Lpom.Data;

/// <summary>
/// Reads PNG images: grey, palette and RGB of every depth, with fully opaque alpha or none, interlaced or not. Samples become bytes,
/// those of 16 bits rounded; an image whose palette has greys alone is grey. Gamma and colour profiles are not applied.
/// </summary>
/// <remarks>Strict: every checksum is verified, the compressed pixels are exactly those that the header declares, and nothing follows them. No more memory is taken than the file accounts for.</remarks>
public static class PngReader
{
    /// <summary>Most bytes of a file: 256 MiB.</summary>
    public const int MaxFileBytes = 1 << 28;

    private const int FirstBytes = 1 << 16;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">Not a PNG file, damaged, truncated, transparent, or with bytes left over.</exception>
    public static PngImage Read(string path)
    {
        using FileStream file = SourceFile.OpenStream(path);
        if (file.Length > MaxFileBytes)
            throw TooLong(path);
        using var input = new StreamInput(file, path);
        byte[] content = new byte[file.Length];
        input.ReadExactly(content, "images");
        input.ExpectEnd("the image");
        return Decode(content, path);
    }

    /// <summary>Reads one image, to the end of a stream.</summary>
    /// <param name="stream">Left open.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="DataFormatException">As for a file.</exception>
    public static PngImage Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        using var input = new StreamInput(stream, name);
        byte[] content = new byte[FirstBytes];
        int length = 0;
        for (int read = -1; read != 0; length += read)
        {
            if (length > MaxFileBytes)
                throw TooLong(name);
            if (length == content.Length)
                Array.Resize(ref content, 2 * content.Length);
            read = input.Read(content.AsSpan(length));
        }

        return Decode(content[..length], name);
    }

    /// <param name="file">All of it; overwritten.</param>
    /// <param name="path">What errors call it.</param>
    internal static PngImage Decode(byte[] file, string path)
    {
        PngChunks chunks = PngChunks.Read(file, path);
        PngHeader header = chunks.Header;
        byte[] content = PngRows.Inflate(chunks.Data, header.ContentLength, path);
        var pixels = new PngPixels(chunks, path);
        int at = 0;
        foreach (PngPass pass in header.Passes)
            at += ReadPass(content.AsSpan(at), pass, header, pixels, path);
        return pixels.ToImage();
    }

    /// <returns>Bytes of it.</returns>
    private static int ReadPass(Span<byte> content, PngPass pass, PngHeader header, PngPixels pixels, string path)
    {
        int length = (int)header.RowLength(pass);
        Span<byte> above = new byte[length];
        for (int number = 0; number < pass.Height; number++)
        {
            Span<byte> filtered = content.Slice(number * (1 + length), 1 + length), row = filtered[1..];
            if (!PngRows.TryUndo(filtered[0], row, above, header.FilterStep))
                throw new DataFormatException(path, $"row {pass.Y + (number * pass.StepY) + 1} has the filter {filtered[0]}; expected 0 to 4.");
            pixels.Add(row, pass, number);
            above = row;
        }

        return pass.Height * (1 + length);
    }

    private static DataFormatException TooLong(string path) => new(path, $"has more than {MaxFileBytes} bytes, the most that an image may have.");
}
