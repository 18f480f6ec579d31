using Lpom.Data;

namespace Lpom.Cli;

/// <summary>Raw samples one by one, from CSV text or an IDX file of images.</summary>
internal abstract class SampleSource : IDisposable
{
    /// <summary>Samples may come one by one over time.</summary>
    public virtual bool IsLive => false;

    /// <summary>After a bad row, whether <see cref="Read"/> may be called again.</summary>
    public abstract bool CanContinue { get; }

    public static SampleSource FromStandardInput(int inputs) =>
        new TextSamples(Console.OpenStandardInput(), "standard input", inputs, isLive: true);

    /// <exception cref="BadInputException">No such file, or not to be read.</exception>
    /// <exception cref="DataFormatException">An IDX file that is bad, or whose images have another size.</exception>
    public static SampleSource FromFile(string path, int inputs)
    {
        if (Directory.Exists(path))
            throw new BadInputException($"{path} is a folder, expected a CSV file or an IDX file of images");
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (stream.CanSeek && IsBinary(stream))
            {
                stream.Dispose();
                return new ImageSamples(IdxReader.ReadImages(path), path, inputs);
            }

            return new TextSamples(stream, path, inputs, isLive: !stream.CanSeek);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"{path}: no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads the next sample; false at the end.</summary>
    /// <param name="sample">[inputs], overwritten.</param>
    /// <exception cref="DataFormatException">A bad row.</exception>
    public abstract bool Read(Span<float> sample);

    public abstract void Dispose();

    /// <summary>IDX starts with two zero bytes, gzip with 1F 8B; text with neither.</summary>
    private static bool IsBinary(FileStream stream)
    {
        Span<byte> start = stackalloc byte[2];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return read == start.Length && start is [0, 0] or [0x1F, 0x8B];
    }

    private sealed class TextSamples(Stream stream, string name, int inputs, bool isLive) : SampleSource
    {
        private readonly CsvRowReader _rows = new(stream, name);
        private long _lastLine;

        public override bool IsLive => isLive;

        public override bool CanContinue => _rows.Line > _lastLine;

        public override bool Read(Span<float> sample)
        {
            _lastLine = _rows.Line;
            if (!_rows.Read())
                return false;
            if (_rows.Line == 1 && IsHeader())
                return Read(sample);
            if (_rows.Fields != inputs)
                throw new DataFormatException(name, $"line {_rows.Line}: {_rows.Fields} values, the model takes {inputs}{(_rows.Fields == inputs + 1 ? "; leave out the class column" : "")}.");
            for (int i = 0; i < inputs; i++)
                sample[i] = _rows.Number(i);
            return true;
        }

        public override void Dispose() => stream.Dispose();

        private bool IsHeader()
        {
            for (int i = 0; i < _rows.Fields; i++)
            {
                if (_rows.IsNumber(i))
                    return false;
            }

            return true;
        }
    }

    private sealed class ImageSamples : SampleSource
    {
        private readonly IdxImages _images;
        private readonly int _pixels;
        private int _next;

        public ImageSamples(IdxImages images, string path, int inputs)
        {
            _images = images;
            _pixels = images.Height * images.Width;
            if (_pixels != inputs)
                throw new DataFormatException(path, $"images of {images.Height}×{images.Width} are {_pixels} values, the model takes {inputs}.");
        }

        public override bool CanContinue => false;

        public override void Dispose()
        {
        }

        public override bool Read(Span<float> sample)
        {
            if (_next == _images.Count)
                return false;
            ReadOnlySpan<byte> image = _images.Pixels.Span.Slice(_next++ * _pixels, _pixels);
            for (int i = 0; i < image.Length; i++)
                sample[i] = image[i];
            return true;
        }
    }
}
