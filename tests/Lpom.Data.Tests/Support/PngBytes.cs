using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Lpom.Data.Tests.Support;

/// <summary>Makes PNG files, right ones and wrong ones.</summary>
internal static class PngBytes
{
    private static readonly byte[] Signature = [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A];

    /// <summary>A file of these chunks, their checksums right.</summary>
    public static byte[] Of(params (string Name, byte[] Content)[] chunks)
    {
        using var file = new MemoryStream();
        file.Write(Signature);
        foreach ((string name, byte[] content) in chunks)
        {
            file.Write(Number((uint)content.Length));
            byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
            file.Write(named);
            file.Write(Number(ChecksumOf(named)));
        }

        return file.ToArray();
    }

    /// <summary>A file of a header, rows with their filters, and an end; of more chunks between header and rows.</summary>
    public static byte[] Image(byte[] header, byte[] rows, params (string Name, byte[] Content)[] between) =>
        Of([("IHDR", header), .. between, ("IDAT", Zlib(rows)), ("IEND", [])]);

    public static byte[] Header(uint width, uint height, byte depth = 8, byte colour = 0, byte interlace = 0) =>
        [.. Number(width), .. Number(height), depth, colour, 0, 0, interlace];

    /// <summary>A grey image of one value.</summary>
    public static byte[] Grey(int width, int height, byte value) => PngWriter.Encode(Enumerable.Repeat(value, width * height).ToArray(), width);

    /// <summary>An image of one colour.</summary>
    public static byte[] Colour(int width, int height, byte red, byte green, byte blue) =>
        PngWriter.EncodeColour(Enumerable.Repeat(new[] { red, green, blue }, width * height).SelectMany(pixel => pixel).ToArray(), width);

    public static byte[] Zlib(byte[] content)
    {
        using var target = new MemoryStream();
        using (var zlib = new ZLibStream(target, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(content);
        return target.ToArray();
    }

    /// <summary>The same bytes with the checksums of all whole chunks made right.</summary>
    public static byte[] WithChecksums(byte[] file)
    {
        byte[] right = [.. file];
        int at = Signature.Length;
        while (at + 12 <= right.Length && BinaryPrimitives.ReadUInt32BigEndian(right.AsSpan(at)) is uint length && length <= right.Length - at - 12)
        {
            int end = at + 8 + (int)length;
            BinaryPrimitives.WriteUInt32BigEndian(right.AsSpan(end), ChecksumOf(right.AsSpan((at + 4)..end)));
            at = end + 4;
        }

        return right;
    }

    public static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    // Bit by bit, as the specification has it: not the reader's own.
    private static uint ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        uint state = uint.MaxValue;
        foreach (byte value in bytes)
        {
            state ^= value;
            for (int bit = 0; bit < 8; bit++)
                state = (state >> 1) ^ ((state & 1) * 0xEDB88320u);
        }

        return ~state;
    }
}
