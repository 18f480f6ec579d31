using Lpom.Data;
using SkiaSharp;

namespace Lpom.Examples;

/// <summary>PNG files from anyone.</summary>
/// <remarks>
/// By SkiaSharp, whose decoder is that of browsers: it reads the header before it decodes, and decodes row by row into memory of the
/// size that we expect, so that no file can ask for more.
/// </remarks>
internal static class PngImage
{
    private const int BytesPerPixel = 4;

    // Luma of ITU-R BT.601 in thousandths; of a grey pixel its value.
    private const int Red = 299, Green = 587, Blue = 114, Whole = 1000;

    /// <summary>The pixels as raw values, channel after channel: red, green and blue, or grey. Transparency is left out.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="shape">What it must have: another size is refused, colours become grey when there is one channel.</param>
    /// <exception cref="BadHttpRequestException">No PNG, of another size, or damaged.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> file, ImageShape shape)
    {
        using SKData data = SKData.CreateCopy(file);
        using SKCodec? codec = SKCodec.Create(data);
        if (codec is null || codec.EncodedFormat != SKEncodedImageFormat.Png)
            throw new BadHttpRequestException("The body is no PNG file.");
        if (codec.Info.Width != shape.Width || codec.Info.Height != shape.Height)
            throw new BadHttpRequestException($"The image has {codec.Info.Width}×{codec.Info.Height} pixels; the model takes {shape.Width}×{shape.Height}.");
        var info = new SKImageInfo(shape.Width, shape.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        SKCodecResult result = codec.GetPixels(info, out byte[] pixels);
        if (result != SKCodecResult.Success)
            throw new BadHttpRequestException($"The PNG file is damaged ({result}).");
        return Arrange(pixels, shape);
    }

    private static byte[] Arrange(ReadOnlySpan<byte> rgba, ImageShape shape)
    {
        int pixels = shape.Width * shape.Height;
        byte[] values = new byte[shape.Channels * pixels];
        for (int i = 0; i < pixels; i++)
        {
            ReadOnlySpan<byte> pixel = rgba.Slice(i * BytesPerPixel, BytesPerPixel);
            if (shape.Channels == 1) values[i] = (byte)(((Red * pixel[0]) + (Green * pixel[1]) + (Blue * pixel[2]) + (Whole / 2)) / Whole);
            else for (int channel = 0; channel < shape.Channels; channel++) values[(channel * pixels) + i] = pixel[channel];
        }
        return values;
    }
}
