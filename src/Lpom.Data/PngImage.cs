namespace Lpom.Data;

/// <summary>A decoded image.</summary>
public sealed class PngImage
{
    private readonly byte[] _pixels;

    internal PngImage(ImageShape shape, byte[] pixels)
    {
        Shape = shape;
        _pixels = pixels;
    }

    /// <summary>Its size, and whether it is grey or colour.</summary>
    public ImageShape Shape { get; }

    /// <summary>Channel after channel, each row by row, as <see cref="ImageShape"/> says.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;
}
