using Lpom.Cli.Terminal;
using Lpom.Data;

namespace Lpom.Cli.Samples;

/// <summary>A PNG image, which is the only sample.</summary>
/// <param name="read">Reads it.</param>
/// <param name="name">What errors call it.</param>
/// <param name="record">What the model says of its images.</param>
/// <param name="live">The pipe that it comes from; null for a file.</param>
internal sealed class ImageSample(Func<PngImage> read, string name, ModelRecord record, LiveInput? live = null) : SampleSource(name, live)
{
    // What a byte of a pixel is worth to models of images.
    private const float OfPixels = 1f / 255f;

    private long _number;

    public override long Number => _number;

    // It is read as a whole, and nothing is answered before.
    protected override bool HasSample => true;

    public override string Place(long number) => "the image";

    public override bool Read(Span<float> sample)
    {
        if (_number > 0)
            return false;
        if (record.Image is not ImageShape shape || record.Preprocessing is not Preprocessing preprocessing || preprocessing.Scales.Span.ContainsAnyExcept(OfPixels))
            throw new DataFormatException(Name, "is an image; the model was not trained on images with values of 0 to 255.");
        var notes = new List<string>();
        ReadOnlySpan<byte> pixels = read().FitTo(shape, record.Resize, Name, notes).Pixels;
        foreach (string note in notes)
            Messages.Note($"note: {note}");
        for (int i = 0; i < pixels.Length; i++)
            sample[i] = pixels[i];
        _number++;
        return true;
    }

    public override void Dispose()
    {
    }

    protected override void ReadAhead()
    {
    }
}
