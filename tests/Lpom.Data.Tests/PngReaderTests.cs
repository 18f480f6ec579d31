using FsCheck.Fluent;
using Lpom.Data.Tests.Support;

namespace Lpom.Data.Tests;

/// <summary>Files of two other encoders, Fixtures/png/make.py, and those that are wrong in one way each.</summary>
public sealed class PngReaderTests : IDisposable
{
    private const int Width = 11, Height = 9;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [ClassData(typeof(Files))]
    public void Every_type_depth_filter_and_interlace(string file, string kind, int depth)
    {
        PngImage image = PngReader.Read(Fixture(file));
        Assert.Equal(new ImageShape(kind.StartsWith("grey", StringComparison.Ordinal) ? 1 : 3, Height, Width), image.Shape);
        Assert.Equal(Expected(kind, depth, image.Shape.Channels), image.Pixels.ToArray());
    }

    [Fact]
    public void What_our_own_writer_writes()
    {
        var images = from width in Gen.Choose(1, 20)
                     from height in Gen.Choose(1, 20)
                     from seed in Gen.Choose(0, 1000)
                     select (width, height, seed);
        Property.Holds(images, image =>
        {
            (int width, int height, int seed) = image;
            byte[] pixels = new byte[3 * width * height];
            for (int i = 0; i < pixels.Length; i++)
                pixels[i] = (byte)(seed + (i * i * 31) + (i % (seed + 1)));
            PngImage colour = PngReader.Decode(PngWriter.EncodeColour(pixels, width), "");
            byte[] grey = pixels[..(width * height)];
            PngImage greyImage = PngReader.Decode(PngWriter.Encode(grey, width), "");
            return colour.Shape == new ImageShape(3, height, width) && Interleaved(colour).SequenceEqual(pixels)
                && greyImage.Shape == new ImageShape(1, height, width) && greyImage.Pixels.SequenceEqual(grey);
        });
    }

    [Fact]
    public void A_palette_of_greys_is_grey_and_a_pipe_gives_what_a_file_does()
    {
        byte[] file = PngWriter.Encode([0, 1, 1, 0], 2, [7, 7, 7, 200, 200, 200]);
        using var stream = new MemoryStream(file);
        PngImage image = PngReader.Read(stream, "pipe");
        Assert.Equal(new ImageShape(1, 2, 2), image.Shape);
        Assert.Equal([7, 200, 200, 7], image.Pixels.ToArray());
        stream.SetLength(20);
        stream.Position = 0;
        Assert.StartsWith("pipe: at byte 8: truncated", Assert.Throws<DataFormatException>(() => PngReader.Read(stream, "pipe")).Message);
    }

    [Theory]
    [InlineData("grey-8.png")]
    [InlineData("palette-2-interlaced.png")]
    [InlineData("rgb-16.png")]
    public void A_file_cut_anywhere_or_with_any_byte_changed_is_an_error(string name)
    {
        byte[] file = File.ReadAllBytes(Fixture(name));
        for (int at = 0; at < file.Length; at++)
        {
            AssertMessage(Assert.Throws<DataFormatException>(() => PngReader.Decode(file[..at], name)), name);
            foreach (int mask in (int[])[1, 0x20, 0x55, 0xFF])
            {
                byte[] changed = [.. file];
                changed[at] ^= (byte)mask;
                AssertMessage(Assert.Throws<DataFormatException>(() => PngReader.Decode(changed, name)), name);
                AssertErrorOrImage(PngBytes.WithChecksums(changed), name);
            }
        }
    }

    [Fact]
    public void Bytes_that_follow_are_errors()
    {
        byte[] grey = PngBytes.Grey(2, 2, 9);
        AssertError("has 1 bytes left over after its last chunk; expected the end.", [.. grey, 0]);
        byte[] header = PngBytes.Header(2, 2), data = PngBytes.Zlib([0, 1, 2, 0, 3, 4]);
        AssertError("compressed data left over after the 6 bytes", PngBytes.Of(("IHDR", header), ("IDAT", [.. data, 0]), ("IEND", [])));
        AssertError("compressed data left over after the 6 bytes", PngBytes.Of(("IHDR", header), ("IDAT", data), ("IDAT", [1, 2, 3]), ("IEND", [])));
        AssertError("the compressed pixels are damaged, after 0 bytes", PngBytes.Of(("IHDR", header), ("IDAT", [0x78, 0x20, 1, 2, 3, 4, .. data[2..]]), ("IEND", [])));
        AssertError("compressed data left over after the 6 bytes", PngBytes.Image(header, [0, 1, 2, 0, 3, 4, 0]));
        AssertError("no end after 6 bytes", PngBytes.Of(("IHDR", header), ("IDAT", data[..^1]), ("IEND", [])));
        AssertError("no end after 6 bytes", PngBytes.Of(("IHDR", header), ("IDAT", data[..^4]), ("IEND", [])));
        AssertError("the compressed pixels are damaged, after 6 bytes", PngBytes.Of(("IHDR", header), ("IDAT", [.. data[..^1], (byte)(data[^1] ^ 1)]), ("IEND", [])));
        AssertError("truncated: the header declares pixels of 6 bytes, found 3.", PngBytes.Image(header, [0, 1, 2]));
    }

    [Fact]
    public void Headers_that_lie_are_errors_and_allocate_nothing_large()
    {
        (byte[] Header, string Expected)[] cases =
        [
            (PngBytes.Header(0, 1), "0×1 pixels; expected sides of 1 to 65536"),
            (PngBytes.Header(1, 0x80000000), "1×2147483648 pixels"),
            (PngBytes.Header(65536, 65536), "at most 67108864 pixels"),
            (PngBytes.Header(8192, 8192), "declares pixels of 67117056 bytes; the compressed ones hold"),
            (PngBytes.Header(60, 60), "truncated: the header declares pixels of 3660 bytes, found 6."),
            (PngBytes.Header(2, 2, depth: 3), "colour type 0 with 3 bits a sample"),
            (PngBytes.Header(2, 2, colour: 5), "colour type 5 with 8 bits"),
            (PngBytes.Header(2, 2, depth: 4, colour: 2), "colour type 2 with 4 bits"),
            (PngBytes.Header(2, 2, interlace: 2), "interlace 2; expected 0, 0, and 0 or 1."),
            (PngBytes.Header(2, 2)[..12], "the chunk IHDR of 12 bytes is not known; expected IHDR of 13"),
        ];
        foreach ((byte[] header, string expected) in cases)
        {
            byte[] file = PngBytes.Image(header, [0, 1, 2, 0, 3, 4]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            AssertError(expected, file);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000);
        }
    }

    [Fact]
    public void Data_that_expands_further_than_the_header_declares_is_read_no_further()
    {
        byte[] bomb = PngBytes.Image(PngBytes.Header(2, 2), new byte[64 << 20]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertError("left over", bomb);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600_000);
    }

    [Fact]
    public void Chunks_in_another_order_are_errors()
    {
        (string, byte[]) header = ("IHDR", PngBytes.Header(1, 1)), data = ("IDAT", PngBytes.Zlib([0, 5])), end = ("IEND", []), text = ("tEXt", "a\0b"u8.ToArray());
        (string, byte[]) indexed = ("IHDR", PngBytes.Header(1, 1, colour: 3)), palette = ("PLTE", [1, 2, 3]);
        AssertError("at byte 8: the chunk tEXt; expected IHDR once, as the first.", PngBytes.Of(text, header, data, end));
        AssertError("the chunk IHDR; expected IHDR once", PngBytes.Of(header, header, data, end));
        AssertError("the chunk IDAT comes after tEXt", PngBytes.Of(header, data, text, data, end));
        AssertError("the chunk IEND; expected IDAT before it", PngBytes.Of(header, text, end));
        AssertError("the chunk IEND; expected PLTE before it", PngBytes.Of(indexed, data, end));
        AssertError("the chunk PLTE; expected one at most, before tRNS and IDAT, and none in a grey image", PngBytes.Of(header, palette, data, end));
        AssertError("the chunk PLTE; expected one at most", PngBytes.Of(indexed, palette, palette, data, end));
        AssertError("a palette of 4 bytes; expected three for each of 1 to 256", PngBytes.Of(indexed, ("PLTE", [1, 2, 3, 4]), data, end));
        AssertError("the chunk tRNS of 2 bytes; expected one at most", PngBytes.Of(indexed, palette, ("tRNS", [255, 255]), data, end));
        AssertError("the chunk ABCD of 0 bytes is not known", PngBytes.Of(header, ("ABCD", []), data, end));
        AssertError("a chunk's name is not of four letters", PngBytes.Of(header, ("a1cd", []), data, end));
        AssertError("truncated: a chunk has 12 bytes at least, 0 are left", PngBytes.Of(header, data));
        AssertError("does not start as a PNG file does", "GIF89a"u8.ToArray());
        Assert.Equal([5], PngReader.Decode(PngBytes.Of(header, text, data, text, end), "").Pixels.ToArray());
    }

    [Fact]
    public void Pixels_that_are_transparent_or_of_no_colour_or_filter_are_errors()
    {
        byte[] rgbAlpha = PngBytes.Header(2, 1, colour: 6), grey = PngBytes.Header(2, 1), indexed = PngBytes.Header(2, 1, colour: 3);
        AssertError("the pixel at column 2, row 1 is transparent; expected opaque images", PngBytes.Image(rgbAlpha, [0, 1, 2, 3, 255, 1, 2, 3, 254]));
        AssertError("column 1, row 1 is transparent", PngBytes.Image(grey, [0, 7, 9], ("tRNS", [0, 7])));
        AssertError("column 2, row 1 is transparent", PngBytes.Image(indexed, [0, 0, 1], ("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [255, 0])));
        AssertError("column 2, row 1 has the colour 2; the palette has 2.", PngBytes.Image(indexed, [0, 0, 2], ("PLTE", [1, 2, 3, 4, 5, 6])));
        AssertError("row 1 has the filter 5; expected 0 to 4.", PngBytes.Image(grey, [5, 1, 2]));
        // Transparency that no pixel has is none.
        Assert.Equal([7, 9], PngReader.Decode(PngBytes.Image(grey, [0, 7, 9], ("tRNS", [0, 8])), "").Pixels.ToArray());
        Assert.Equal([1, 1, 2, 2, 3, 3], PngReader.Decode(PngBytes.Image(indexed, [0, 0, 0], ("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [255, 0])), "").Pixels.ToArray());
    }

    [Fact]
    public void Sixteen_bits_are_rounded_to_the_nearest_of_eight()
    {
        byte[] file = PngBytes.Image(PngBytes.Header(4, 1, depth: 16), [0, 0, 128, 0, 129, 254, 255, 255, 255]);
        Assert.Equal([0, 1, 254, 255], PngReader.Decode(file, "").Pixels.ToArray());
    }

    [Fact]
    public void A_missing_file() => Assert.Throws<DataNotFoundException>(() => PngReader.Read(Path.Combine(_folder.Path, "no.png")));

    internal static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "png", name);

    private static byte[] Expected(string kind, int depth, int channels)
    {
        var pixels = new byte[channels * Height * Width];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int channel, int y, int x) = (i / (Height * Width), i / Width % Height, i % Width);
            int sample = Sample(x, y, kind == "palette" ? 0 : channel, depth);
            int largest = (1 << depth) - 1;
            pixels[i] = kind == "palette"
                ? (byte)new[] { 5 * sample, 255 - sample, sample * sample }[channel]
                : (byte)Math.Round(sample * 255.0 / largest);
        }

        return pixels;
    }

    private static int Sample(int x, int y, int channel, int depth) =>
        ((37 * x) + (59 * y) + (91 * channel) + (x * y) + (257 * x)) % (1 << depth);

    private static byte[] Interleaved(PngImage image)
    {
        int plane = image.Shape.Height * image.Shape.Width;
        byte[] pixels = new byte[3 * plane];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = image.Pixels[(i % 3 * plane) + (i / 3)];
        return pixels;
    }

    /// <summary>What is damaged before its checksums are made may be another image, or no image.</summary>
    private static void AssertErrorOrImage(byte[] file, string name)
    {
        try
        {
            PngImage image = PngReader.Decode(file, name);
            Assert.Equal(image.Shape.Channels * image.Shape.Height * image.Shape.Width, image.Pixels.Length);
        }
        catch (DataFormatException e)
        {
            AssertMessage(e, name);
        }
    }

    private static void AssertMessage(DataFormatException error, string name)
    {
        Assert.StartsWith(name, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    private void AssertError(string expected, byte[] file)
    {
        string path = _folder.Write("t.png", file);
        DataFormatException error = Assert.Throws<DataFormatException>(() => PngReader.Read(path));
        AssertMessage(error, path);
        Assert.Contains(expected, error.Message);
    }

    /// <summary>The fixtures, and what their names say.</summary>
    public sealed class Files : TheoryData<string, string, int>
    {
        public Files()
        {
            foreach (string path in Directory.EnumerateFiles(Path.GetDirectoryName(Fixture("grey-1.png"))!, "*.png").Order(StringComparer.Ordinal))
            {
                string[] words = Path.GetFileNameWithoutExtension(path).Replace("pillow-", "").Replace("-interlaced", "").Split('-');
                Add(Path.GetFileName(path), string.Join('-', words[..^1]), int.Parse(words[^1]));
            }
        }
    }
}
