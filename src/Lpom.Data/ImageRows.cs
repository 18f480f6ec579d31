using System.Globalization;

namespace Lpom.Data;

/// <summary>Images as rows of one shape. Those of another size are resized where that is asked for, else refused; grey ones among colour ones become colour.</summary>
/// <param name="count">Images that are to come.</param>
/// <param name="request">What is asked of them.</param>
internal sealed class ImageRows(int count, DataRequest request)
{
    private byte[] _pixels = [];
    private string? _first;
    private int _rows;
    private int _grey;
    private int _resized;

    /// <summary>Of every row.</summary>
    public ImageShape Shape { get; private set; }

    /// <summary>All rows.</summary>
    public byte[] Pixels => _pixels;

    /// <summary>What was done to images.</summary>
    public IEnumerable<string> Notes
    {
        get
        {
            if (_resized > 0)
                yield return $"{(count == 1 ? "the image is" : $"{Count(_resized)} of {Count(count)} images are")} resized to {SizeOf(Shape)} pixels";
            if (_grey > 0 && Shape.Channels > 1)
                yield return $"{Count(_grey)} grey {(_grey == 1 ? "image is" : "images are")} taken for colour, as the {(_grey == count ? "model's" : "others")} are";
        }
    }

    /// <summary>Takes the next image.</summary>
    /// <param name="image">Of a file.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFormatException">It is of another size.</exception>
    public void Add(PngImage image, string path)
    {
        if (request.Resize is ImageSize size && size != SizeOf(image.Shape))
        {
            image = ImageResampler.Resize(image, size);
            _resized++;
        }

        Check(image.Shape, path);
        if (_first is null)
            Start(image.Shape, path);
        if (image.Shape.Channels > Shape.Channels)
            BecomeColour();
        _grey += image.Shape.Channels == 1 ? 1 : 0;
        int features = Shape.Channels * Shape.Height * Shape.Width;
        CopyTo(image.Pixels, _pixels.AsSpan(_rows * features, features));
        _rows++;
    }

    private void Check(ImageShape shape, string path)
    {
        if (request.Image is ImageShape model && SizeOf(model) != SizeOf(shape))
            throw new DataFormatException(path, $"has {SizeOf(shape)} pixels; the model takes {SizeOf(model)}.");
        if (request.Image is { Channels: 1 } && shape.Channels > 1)
            throw new DataFormatException(path, "is a colour image; the model takes grey ones.");
        if (_first is not null && SizeOf(shape) != SizeOf(Shape))
            throw new DataFormatException(path, $"has {SizeOf(shape)} pixels, but {_first} has {SizeOf(Shape)}; expected one size. '--resize {SizeOf(Shape)}' brings all to one.");
    }

    private void Start(ImageShape shape, string path)
    {
        _first = path;
        Shape = request.Image is ImageShape model ? shape with { Channels = model.Channels } : shape;
        Allocate();
    }

    private void Allocate()
    {
        long features = (long)Shape.Channels * Shape.Height * Shape.Width;
        if (count * features > Array.MaxLength)
            throw new DataFormatException(_first!, $"{Count(count)} images as this one have {Count(count * features)} values together; expected at most {Count(Array.MaxLength)}. '--resize WxH' makes them smaller.");
        _pixels = GC.AllocateUninitializedArray<byte>((int)(count * features));
    }

    private void BecomeColour()
    {
        byte[] grey = _pixels;
        int plane = Shape.Height * Shape.Width;
        Shape = Shape with { Channels = 3 };
        Allocate();
        for (int row = 0; row < _rows; row++)
            CopyTo(grey.AsSpan(row * plane, plane), _pixels.AsSpan(row * 3 * plane, 3 * plane));
    }

    /// <summary>As often as it fits: grey is the value of all three channels.</summary>
    private static void CopyTo(ReadOnlySpan<byte> image, Span<byte> row)
    {
        for (int at = 0; at < row.Length; at += image.Length)
            image.CopyTo(row[at..]);
    }

    private static ImageSize SizeOf(ImageShape shape) => new(shape.Width, shape.Height);

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
