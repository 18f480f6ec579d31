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

    /// <summary>The image as a model takes it.</summary>
    /// <param name="shape">The model's; a grey image becomes colour for it.</param>
    /// <param name="resize">The size that the model's images were brought to; null to refuse another size.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="notes">Told of what was done.</param>
    /// <exception cref="DataFormatException">It does not fit.</exception>
    public PngImage FitTo(ImageShape shape, ImageSize? resize, string name, ICollection<string> notes)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(notes);
        var rows = new ImageRows(1, new DataRequest { Image = shape, Resize = resize });
        rows.Add(this, name);
        foreach (string note in rows.Notes)
            notes.Add(note);
        return new PngImage(rows.Shape, rows.Pixels);
    }
}
