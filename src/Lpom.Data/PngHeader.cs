using System.Buffers.Binary;

namespace Lpom.Data;

/// <summary>How the pixels of a PNG file are made up; the numbers are the file's.</summary>
internal enum PngColour
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    RgbAlpha = 6,
}

/// <summary>Every so many-th pixel of an image, which come together in a file: of an interlaced one there are seven such passes.</summary>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY, int Width, int Height);

/// <summary>What the chunk IHDR declares.</summary>
internal readonly record struct PngHeader(int Width, int Height, int Depth, PngColour Colour, bool IsInterlaced)
{
    public const int Length = 13;

    // A row, unpacked, takes little memory so; and an image no more than what one would learn from.
    private const int MostSide = 1 << 16, MostPixels = 1 << 26;

    private static readonly (int X, int Y, int StepX, int StepY)[] Whole = [(0, 0, 1, 1)];
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Samples of a pixel, as the file has them.</summary>
    public int Samples => Colour switch
    {
        PngColour.Rgb => 3,
        PngColour.GreyAlpha => 2,
        PngColour.RgbAlpha => 4,
        _ => 1,
    };

    public bool HasAlpha => Colour is PngColour.GreyAlpha or PngColour.RgbAlpha;

    /// <summary>Distance to the byte of the pixel before, for filters.</summary>
    public int FilterStep => Math.Max(1, Samples * Depth / 8);

    /// <summary>Those of the passes that have pixels, in the file's order.</summary>
    public IEnumerable<PngPass> Passes
    {
        get
        {
            foreach ((int x, int y, int stepX, int stepY) in IsInterlaced ? Adam7 : Whole)
            {
                if (x < Width && y < Height)
                    yield return new PngPass(x, y, stepX, stepY, Count(Width, x, stepX), Count(Height, y, stepY));
            }
        }
    }

    /// <summary>Bytes of the decompressed rows, each with its filter.</summary>
    public long ContentLength => Passes.Sum(RowsLength);

    /// <param name="content">Of the chunk.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFormatException">No such images are.</exception>
    public static PngHeader Parse(ReadOnlySpan<byte> content, string path)
    {
        uint width = BinaryPrimitives.ReadUInt32BigEndian(content), height = BinaryPrimitives.ReadUInt32BigEndian(content[4..]);
        (byte depth, byte colour, byte compression, byte filter, byte interlace) = (content[8], content[9], content[10], content[11], content[12]);
        if (width is 0 or > MostSide || height is 0 or > MostSide || (ulong)width * height > MostPixels)
            throw new DataFormatException(path, $"the header declares {width}×{height} pixels; expected sides of 1 to {MostSide} and at most {MostPixels} pixels.");
        if (!IsKnown(depth, colour))
            throw new DataFormatException(path, $"the header declares colour type {colour} with {depth} bits a sample; expected type 0 (grey) with 1, 2, 4, 8 or 16, type 3 (palette) with 1, 2, 4 or 8, type 2 (RGB), 4 (grey, alpha) or 6 (RGB, alpha) with 8 or 16.");
        if (compression != 0 || filter != 0 || interlace > 1)
            throw new DataFormatException(path, $"the header declares compression {compression}, filters {filter}, interlace {interlace}; expected 0, 0, and 0 or 1.");
        return new PngHeader((int)width, (int)height, depth, (PngColour)colour, interlace == 1);
    }

    /// <summary>Bytes of a row of a pass, without its filter.</summary>
    public long RowLength(PngPass pass) => (((long)pass.Width * Samples * Depth) + 7) / 8;

    private long RowsLength(PngPass pass) => pass.Height * (1 + RowLength(pass));

    private static int Count(int size, int first, int step) => (size - first + step - 1) / step;

    private static bool IsKnown(byte depth, byte colour) => (PngColour)colour switch
    {
        PngColour.Grey => depth is 1 or 2 or 4 or 8 or 16,
        PngColour.Palette => depth is 1 or 2 or 4 or 8,
        PngColour.Rgb or PngColour.GreyAlpha or PngColour.RgbAlpha => depth is 8 or 16,
        _ => false,
    };
}
