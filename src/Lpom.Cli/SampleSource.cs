using System.IO.Compression;
using Lpom.Data;

namespace Lpom.Cli;

/// <summary>Raw samples one by one, from CSV text or an IDX file of images.</summary>
internal abstract class SampleSource(string name) : IDisposable
{
    /// <summary>What errors call it.</summary>
    public string Name => name;

    /// <summary>Where the sample read last is, such as <c>line 3</c>.</summary>
    public abstract string Place { get; }

    /// <summary>Samples may come one by one over time.</summary>
    public virtual bool IsLive => false;

    /// <summary>After a bad row, whether <see cref="Read"/> may be called again.</summary>
    public abstract bool CanContinue { get; }

    public static SampleSource FromStandardInput(int inputs) =>
        new TextSamples(new CsvRowReader(Console.OpenStandardInput(), "standard input"), "standard input", inputs, isLive: true);

    /// <exception cref="BadInputException">No such file, or not to be read.</exception>
    /// <exception cref="DataFormatException">An IDX file that is bad, or whose images have another size.</exception>
    public static SampleSource FromFile(string path, int inputs)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new BadInputException($"FILE: '{path}' is no file name");
        if (Directory.Exists(path))
            throw new BadInputException($"{path} is a folder, expected a CSV file or an IDX file of images");
        try
        {
            if (FileKind.IsStream(path))
                return new TextSamples(new CsvRowReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0), path), path, inputs, isLive: true);
            if (IsIdx(path))
                return new ImageSamples(IdxReader.ReadImages(path), path, inputs);
            return new TextSamples(CsvRowReader.Open(path), path, inputs, isLive: false);
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

    /// <summary>IDX starts with two zero bytes, also inside gzip (1F 8B); text does not.</summary>
    private static bool IsIdx(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> start = stackalloc byte[2];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read == start.Length && start is [0x1F, 0x8B])
        {
            file.Position = 0;
            using var content = new GZipStream(file, CompressionMode.Decompress);
            try
            {
                read = content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            }
            catch (InvalidDataException)
            {
                // Whoever reads it says what is wrong.
                return false;
            }
        }

        return read == start.Length && start is [0, 0];
    }

    private sealed class TextSamples(CsvRowReader rows, string name, int inputs, bool isLive) : SampleSource(name)
    {
        private long _lastLine;

        public override string Place => $"line {rows.Line}";

        public override bool IsLive => isLive;

        public override bool CanContinue => rows.Line > _lastLine;

        public override bool Read(Span<float> sample)
        {
            _lastLine = rows.Line;
            if (!rows.Read())
                return false;
            if (rows.Line == 1 && rows.IsHeader(rows.Fields))
                return Read(sample);
            if (rows.Fields != inputs)
                throw new DataFormatException(Name, $"line {rows.Line}: {rows.Fields} values, the model takes {inputs}{(rows.Fields == inputs + 1 ? "; leave out the class column" : "")}.");
            for (int i = 0; i < inputs; i++)
                sample[i] = rows.Number(i);
            return true;
        }

        public override void Dispose() => rows.Dispose();
    }

    private sealed class ImageSamples : SampleSource
    {
        private readonly IdxImages _images;
        private readonly int _pixels;
        private int _next;

        public ImageSamples(IdxImages images, string path, int inputs) : base(path)
        {
            _images = images;
            _pixels = images.Height * images.Width;
            if (_pixels != inputs)
                throw new DataFormatException(path, $"images of {images.Height}×{images.Width} are {_pixels} values, the model takes {inputs}.");
        }

        public override bool CanContinue => true;

        public override string Place => $"image {_next - 1}";

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
