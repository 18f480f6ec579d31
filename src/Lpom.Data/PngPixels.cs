using System.Buffers.Binary;

namespace Lpom.Data;

/// <summary>Makes bytes, channel after channel, of the samples of a PNG file's rows.</summary>
internal sealed class PngPixels
{
    private const int Red = 0, Green = 1, Blue = 2;

    private readonly PngChunks _chunks;
    private readonly string _path;
    private readonly int[] _samples;
    private readonly int[] _transparent;
    private readonly byte[] _pixels;

    public PngPixels(PngChunks chunks, string path)
    {
        _chunks = chunks;
        _path = path;
        Shape = new ImageShape(IsGrey(chunks) ? 1 : 3, Header.Height, Header.Width);
        _samples = new int[Header.Width * Header.Samples];
        _transparent = Header.Colour == PngColour.Palette ? [] : Numbers(chunks.Transparency);
        _pixels = new byte[(long)Shape.Channels * Plane];
    }

    public ImageShape Shape { get; }

    private PngHeader Header => _chunks.Header;

    private int Plane => Shape.Height * Shape.Width;

    private int Largest => (1 << Header.Depth) - 1;

    /// <summary>The image, once all rows are there.</summary>
    public PngImage ToImage() => new(Shape, _pixels);

    /// <param name="row">Its filter undone.</param>
    /// <param name="pass">Of the row.</param>
    /// <param name="number">From 0 in the pass.</param>
    /// <exception cref="DataFormatException">A pixel that is transparent, or has no colour.</exception>
    public void Add(ReadOnlySpan<byte> row, PngPass pass, int number)
    {
        int samples = Header.Samples;
        Unpack(row, _samples.AsSpan(0, pass.Width * samples));
        int y = pass.Y + (number * pass.StepY);
        for (int i = 0; i < pass.Width; i++)
        {
            int x = pass.X + (i * pass.StepX);
            ReadOnlySpan<int> pixel = _samples.AsSpan(i * samples, samples);
            if (Header.Colour == PngColour.Palette)
                PutIndex(x, y, pixel[0]);
            else
                PutSamples(x, y, pixel);
        }
    }

    private void Unpack(ReadOnlySpan<byte> row, Span<int> samples)
    {
        int depth = Header.Depth;
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = depth switch
            {
                8 => row[i],
                16 => BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]),
                _ => (row[i * depth / 8] >> (8 - depth - (i * depth % 8))) & Largest,
            };
        }
    }

    private void PutIndex(int x, int y, int index)
    {
        if (3 * index >= _chunks.Palette.Length)
            throw Error(x, y, $"has the colour {index}; the palette has {_chunks.Palette.Length / 3}.");
        if (index < _chunks.Transparency.Length && _chunks.Transparency[index] != byte.MaxValue)
            throw Transparent(x, y);
        for (int channel = 0; channel < Shape.Channels; channel++)
            Put(x, y, channel, _chunks.Palette[(3 * index) + channel]);
    }

    private void PutSamples(int x, int y, ReadOnlySpan<int> pixel)
    {
        bool isTransparent = Header.HasAlpha ? pixel[^1] != Largest : _transparent.Length > 0 && pixel.SequenceEqual(_transparent);
        if (isTransparent)
            throw Transparent(x, y);
        // Rounded: 16 bits to the nearest of 8, and the largest of fewer to 255.
        for (int channel = 0; channel < Shape.Channels; channel++)
            Put(x, y, channel, (byte)(((pixel[channel] * byte.MaxValue) + (Largest / 2)) / Largest));
    }

    private void Put(int x, int y, int channel, byte value) => _pixels[(channel * Plane) + (y * Shape.Width) + x] = value;

    /// <summary>Whether all colours that may be there are grey.</summary>
    private static bool IsGrey(PngChunks chunks)
    {
        if (chunks.Header.Colour != PngColour.Palette)
            return chunks.Header.Colour is PngColour.Grey or PngColour.GreyAlpha;
        for (int at = 0; at < chunks.Palette.Length; at += 3)
        {
            ReadOnlySpan<byte> colour = chunks.Palette.AsSpan(at, 3);
            if (colour[Red] != colour[Green] || colour[Red] != colour[Blue])
                return false;
        }

        return true;
    }

    private static int[] Numbers(ReadOnlySpan<byte> bytes)
    {
        int[] numbers = new int[bytes.Length / 2];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]);
        return numbers;
    }

    private DataFormatException Transparent(int x, int y) => Error(x, y, "is transparent; expected opaque images, for what would be behind it is not known.");

    private DataFormatException Error(int x, int y, string problem) => new(_path, $"the pixel at column {x + 1}, row {y + 1} {problem}");
}
