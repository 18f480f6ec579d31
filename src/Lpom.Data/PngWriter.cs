using System.Buffers.Binary;
using System.IO.Compression;

namespace Lpom.Data;

/// <summary>Writes small images as PNG.</summary>
public static class PngWriter
{
    private const byte Grey = 0, Colour = 2, Palette = 3;
    private const int HeaderLength = 13;

    internal static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Encodes grey values, or indexes into a palette.</summary>
    /// <param name="pixels">[height × width], row by row.</param>
    /// <param name="width">At least 1.</param>
    /// <param name="palette">Red, green, blue of each index; empty for grey values.</param>
    /// <exception cref="ArgumentException">Pixels that are no rows of this width, or a palette that is no 1 to 256 colours.</exception>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width, ReadOnlySpan<byte> palette = default)
    {
        if (palette.Length % 3 != 0 || palette.Length > 3 * 256)
            throw new ArgumentException($"The palette has {palette.Length} values; expected three for each of at most 256 colours.", nameof(palette));
        return Encode(pixels, width, 1, palette.IsEmpty ? Grey : Palette, palette);
    }

    /// <summary>Encodes colours.</summary>
    /// <param name="pixels">[height × width × 3]: red, green and blue of each pixel, row by row.</param>
    /// <param name="width">At least 1.</param>
    /// <exception cref="ArgumentException">Pixels that are no rows of this width.</exception>
    public static byte[] EncodeColour(ReadOnlySpan<byte> pixels, int width) => Encode(pixels, width, 3, Colour, []);

    private static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int channels, byte type, ReadOnlySpan<byte> palette)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        int stride = checked(width * channels);
        if (pixels.IsEmpty || pixels.Length % stride != 0)
            throw new ArgumentException($"{pixels.Length} values are not rows of {width} pixels.", nameof(pixels));
        using var file = new MemoryStream();
        file.Write(Signature);
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], pixels.Length / stride);
        (header[8], header[9]) = (8, type);
        WriteChunk(file, "IHDR"u8, header);
        if (!palette.IsEmpty)
            WriteChunk(file, "PLTE"u8, palette);
        WriteChunk(file, "IDAT"u8, Compress(pixels, stride));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Compress(ReadOnlySpan<byte> pixels, int stride)
    {
        using var content = new MemoryStream();
        using (var zlib = new ZLibStream(content, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (int at = 0; at < pixels.Length; at += stride)
            {
                // No filter: small images of few values are smaller as they are.
                zlib.WriteByte(0);
                zlib.Write(pixels.Slice(at, stride));
            }
        }

        return content.ToArray();
    }

    private static void WriteChunk(Stream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(type);
        file.Write(content);
        var checksum = new Crc32();
        checksum.Add(type);
        checksum.Add(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.Value);
        file.Write(number);
    }
}
