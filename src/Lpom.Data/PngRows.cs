using System.IO.Compression;
using System.Numerics.Tensors;

namespace Lpom.Data;

/// <summary>The rows of a PNG file: decompressed, and their filters undone.</summary>
internal static class PngRows
{
    private const int FirstBytes = 1 << 16, BytesPerByte = 4;

    /// <summary>Decompresses zlib's format, which must hold exactly so many bytes and end where the data does.</summary>
    /// <param name="data">Compressed.</param>
    /// <param name="length">Bytes that the header declares.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFormatException">Damaged, or of another length.</exception>
    public static byte[] Inflate(ArraySegment<byte> data, long length, string path)
    {
        long most = Math.Min(data.Count * SourceFile.MaxDeflateRatio, Array.MaxLength);
        if (length > most)
            throw new DataFormatException(path, $"the header declares pixels of {length} bytes; the compressed ones hold {most} at most (truncated, or a wrong header).");
        using var compressed = new LastByteApart(data);
        using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
        // A header that lies costs no more memory than the data gives.
        byte[] content = new byte[Math.Min(length, FirstBytes + ((long)BytesPerByte * data.Count))];
        int filled = 0;
        for (int read = -1; read != 0; filled += read)
        {
            if (filled == content.Length && filled < length)
                Array.Resize(ref content, (int)Math.Min(2L * content.Length, length));
            read = filled < length ? Read(zlib, content.AsSpan(filled), filled, path) : 0;
        }

        if (filled < length)
            throw new DataFormatException(path, $"truncated: the header declares pixels of {length} bytes, found {filled}.");
        Span<byte> more = stackalloc byte[1];
        if (Read(zlib, more, filled, path) != 0 || !compressed.IsUsed)
            throw new DataFormatException(path, $"has compressed data left over after the {length} bytes of pixels that the header declares.");
        return compressed.IsExceeded ? throw new DataFormatException(path, $"truncated: the compressed data has no end after {length} bytes of pixels.") : content;
    }

    /// <summary>Undoes the filter of a row.</summary>
    /// <param name="filter">The file's number of it.</param>
    /// <param name="row">Overwritten.</param>
    /// <param name="above">The row above, undone; zeros above the first.</param>
    /// <param name="step">Distance to the byte of the pixel before.</param>
    /// <returns>False for a filter that there is not.</returns>
    public static bool TryUndo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                for (int i = step; i < row.Length; i++)
                    row[i] += row[i - step];
                return true;
            case 2:
                TensorPrimitives.Add(row, above, row);
                return true;
            case 3:
                for (int i = 0; i < row.Length; i++)
                    row[i] += (byte)(((i < step ? 0 : row[i - step]) + above[i]) / 2);
                return true;
            case 4:
                for (int i = 0; i < row.Length; i++)
                    row[i] += i < step ? above[i] : Nearest(row[i - step], above[i], above[i - step]);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Of the bytes to the left, above and at the corner, that which is nearest to left + above − corner (Paeth).</summary>
    private static byte Nearest(int left, int above, int corner)
    {
        int toLeft = Math.Abs(above - corner), toAbove = Math.Abs(left - corner), toCorner = Math.Abs(left + above - (2 * corner));
        if (toLeft <= toAbove && toLeft <= toCorner)
            return (byte)left;
        return (byte)(toAbove <= toCorner ? above : corner);
    }

    private static int Read(ZLibStream zlib, Span<byte> buffer, int filled, string path)
    {
        try
        {
            return zlib.Read(buffer);
        }
        // The library's other error is for a dictionary that it is not given: PNG has none.
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new DataFormatException(path, $"the compressed pixels are damaged, after {filled} bytes of content.", e);
        }
    }

    /// <summary>Gives the last byte by itself: that it is asked for, and nothing after it, tells that the compressed data ends with it.</summary>
    private sealed class LastByteApart(ArraySegment<byte> data) : MemoryStream(data.Array!, data.Offset, data.Count, writable: false)
    {
        public bool IsUsed => Position == Length;

        /// <summary>More was asked for than there is.</summary>
        public bool IsExceeded { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            long left = Length - Position;
            IsExceeded |= left == 0;
            return base.Read(buffer, offset, (int)Math.Min(count, Math.Max(left - 1, 1)));
        }
    }
}
