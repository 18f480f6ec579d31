using System.Buffers;
using System.Globalization;
using Lpom.Data;
using Lpom.Simd.Model;
using Microsoft.Net.Http.Headers;

namespace Lpom.Examples;

/// <summary>Classifies the images of requests: raw bytes, or PNG.</summary>
/// <remarks>Threads share the network, which never changes, and nothing else: no lock is taken.</remarks>
internal sealed class ImageClassifier : IDisposable
{
    private const string Raw = "application/octet-stream", Png = "image/png", Digits = "digits";
    private const int PngBytesPerPixel = 8, PngOverhead = 64 << 10;
    private const float DigitsWhite = 16, ByteWhite = 255;

    private readonly ThreadLocal<Predictor> _predictor;
    private readonly ImageShape? _shape;
    private readonly Network _ofRaw;
    private readonly Network _ofPixels;

    private ImageClassifier(Classifier classifier, ImageShape? shape, float white)
    {
        Classifier = classifier;
        _shape = shape;
        // <example fold>
        _ofRaw = classifier.Preprocessing.FoldInto(classifier.Network);
        // </example>
        float[] scales = new float[Inputs];
        Array.Fill(scales, white / ByteWhite);
        _ofPixels = white == ByteWhite ? _ofRaw : _ofRaw.FoldInputs(scales, new float[Inputs]);
        // Or the first requests would pay for it.
        _ofRaw.Prepare();
        _ofPixels.Prepare();
        // <example threads>
        _predictor = new ThreadLocal<Predictor>(() => new Predictor(classifier, _ofRaw), trackAllValues: true);   // each has a Workspace
        // </example>
    }

    public Classifier Classifier { get; }

    /// <summary>Values of an image.</summary>
    public int Inputs => Classifier.Network.Inputs;

    /// <summary>The longest body in bytes: a PNG of the right size without any compression, with room for texts and profiles.</summary>
    public long LongestBody => (long)Inputs * PngBytesPerPixel + PngOverhead;

    /// <summary>What may be posted, in words.</summary>
    public string Expected => _shape is ImageShape shape
        ? $"PNG of {shape.Width}×{shape.Height} pixels ({Png}), or {Inputs} raw bytes ({Raw})"
        : $"{Inputs} raw bytes ({Raw})";

    /// <summary>Makes the classifier of a service.</summary>
    /// <param name="classifier">The model.</param>
    /// <param name="width">Width of the images; null when they are square.</param>
    /// <param name="white">The raw value of a white pixel in the training data; null for 255, or the digits' 16.</param>
    /// <exception cref="FormatException">A setting that is no number, or does not fit the model.</exception>
    public static ImageClassifier Create(Classifier classifier, string? width, string? white)
    {
        float whiteValue = classifier.Data == Digits ? DigitsWhite : ByteWhite;
        if (white is not null && !(float.TryParse(white, NumberStyles.Float, CultureInfo.InvariantCulture, out whiteValue) && whiteValue > 0 && float.IsFinite(whiteValue)))
            throw new FormatException($"--white {white}: expected a positive number.");
        int channels = classifier.Preprocessing.Offsets.Length, pixels = classifier.Network.Inputs / channels;
        int columns = (int)Math.Round(Math.Sqrt(pixels));
        if (width is not null && !(int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out columns) && columns > 0 && pixels % columns == 0))
            throw new FormatException($"--width {width}: expected a divisor of the model's {pixels} pixels.");
        bool isImage = channels is 1 or 3 && pixels % columns == 0 && (width is not null || columns * columns == pixels);
        return new ImageClassifier(classifier, isImage ? new ImageShape(channels, pixels / columns, columns) : null, whiteValue);
    }

    /// <summary>Reads and classifies the image of a request.</summary>
    /// <exception cref="BadHttpRequestException">It is none, or of another size: the message and the status code are the answer.</exception>
    public async Task<Answer> ClassifyAsync(HttpRequest request)
    {
        string? type = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? parsed) ? parsed.MediaType.Value : null;
        bool isPng = string.Equals(type, Png, StringComparison.OrdinalIgnoreCase);
        if (!isPng && !string.Equals(type, Raw, StringComparison.OrdinalIgnoreCase))
            throw new BadHttpRequestException($"Content-Type is {(type is null ? "missing" : $"'{type}'")}; expected {Expected}.", StatusCodes.Status415UnsupportedMediaType);
        if (isPng && _shape is null)
            throw new BadHttpRequestException($"The model's {Inputs} inputs are no image whose width is known (--width); expected {Expected}.", StatusCodes.Status415UnsupportedMediaType);

        int longest = isPng ? checked((int)LongestBody) : Inputs;
        // A byte more, to tell a body that is too long.
        byte[] body = ArrayPool<byte>.Shared.Rent(longest + 1);
        try
        {
            int length = await request.Body.ReadAtLeastAsync(body.AsMemory(0, longest + 1), longest + 1, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
            if (isPng && length > longest)
                throw new BadHttpRequestException($"The PNG has over {longest} bytes; expected {Expected}.", StatusCodes.Status413PayloadTooLarge);
            if (isPng) return Predictor.Predict(PngImage.Decode(body.AsSpan(0, length), _shape!.Value), _ofPixels);
            if (length != Inputs)
                throw new BadHttpRequestException($"The body has {(length > Inputs ? $"over {Inputs}" : length)} bytes; expected {Expected}.");
            return Predictor.Predict(body.AsSpan(0, length), _ofRaw);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    public void Dispose()
    {
        foreach (Predictor predictor in _predictor.Values) predictor.Dispose();
        _predictor.Dispose();
    }

    private Predictor Predictor => _predictor.Value!;
}
