using Lpom.Cli.Terminal;
using Lpom.Data;

namespace Lpom.Cli.Samples;

/// <summary>Raw samples one by one.</summary>
/// <param name="name">What errors call it.</param>
/// <param name="live">The pipe or terminal that the samples come from; null for a file, which never waits.</param>
internal abstract class SampleSource(string name, LiveInput? live) : IDisposable
{
    /// <summary>What errors call it.</summary>
    public string Name => name;

    /// <summary>Number of the line or row read last, bad ones counted: after an error it has grown when <see cref="Read"/> may be called again.</summary>
    public abstract long Number { get; }

    /// <summary>Whether <see cref="Read"/> need not wait for input. Reads ahead what is there.</summary>
    /// <exception cref="DataFormatException">What is there cannot be read.</exception>
    public bool IsReady
    {
        get
        {
            while (!HasSample)
            {
                if (live is { HasData: false })
                    return false;
                ReadAhead();
            }

            return true;
        }
    }

    /// <summary>The next sample, or the end, is in memory.</summary>
    protected abstract bool HasSample { get; }

    /// <summary>What comes from a pipe or terminal.</summary>
    /// <param name="live">Left open.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="format">Null: told by its first bytes.</param>
    /// <param name="inputs">Values of a sample.</param>
    /// <param name="record">What the model says of its samples.</param>
    /// <exception cref="DataFormatException">A header that is bad, or of samples of another size.</exception>
    /// <exception cref="OperationCanceledException">Interrupted while waiting for it.</exception>
    public static SampleSource FromLive(LiveInput live, string name, SampleFormat? format, int inputs, ModelRecord record) => (format ?? SampleFormats.Of(live)) switch
    {
        SampleFormat.Npy => new BinarySamples(BinaryRowReader.ReadNpy(live, name, inputs), name, live),
        SampleFormat.Idx => new BinarySamples(BinaryRowReader.ReadIdx(live, name, inputs), name, live),
        SampleFormat.Raw => new BinarySamples(BinaryRowReader.ReadRaw(live, name, inputs), name, live),
        SampleFormat.Png => new ImageSample(() => PngReader.Read(live, name), name, record, live),
        _ => new TextSamples(new CsvRowReader(live, name), name, inputs, record.Columns, live),
    };

    /// <summary>What a file holds.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Null: told by its name or first bytes.</param>
    /// <param name="inputs">Values of a sample.</param>
    /// <param name="record">What the model says of its samples.</param>
    /// <exception cref="BadInputException">No such file, or not to be read.</exception>
    /// <exception cref="DataNotFoundException">No such file.</exception>
    /// <exception cref="DataFormatException">A header that is bad, or of samples of another size.</exception>
    public static SampleSource FromFile(string path, SampleFormat? format, int inputs, ModelRecord record)
    {
        if (Directory.Exists(path))
            throw new BadInputException($"{path} is a folder, expected a file of samples");
        try
        {
            SampleFormat found = format is null or SampleFormat.Npy ? SampleFormats.Of(path) : format.Value;
            // An archive is asked for by 'npy', too.
            return (format is SampleFormat.Npy && found is not SampleFormat.Npz ? SampleFormat.Npy : found) switch
            {
                SampleFormat.Npy => new BinarySamples(BinaryRowReader.OpenNpy(path, inputs), path),
                SampleFormat.Npz => new BinarySamples(BinaryRowReader.OpenNpz(path, inputs), path),
                SampleFormat.Idx => new BinarySamples(BinaryRowReader.OpenIdx(path, inputs), path),
                SampleFormat.Raw => new BinarySamples(BinaryRowReader.OpenRaw(path, inputs), path),
                SampleFormat.Png => new ImageSample(() => PngReader.Read(path), path, record),
                _ => new TextSamples(CsvRowReader.Open(path), path, inputs, record.Columns),
            };
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

    /// <summary>Where a sample is, such as <c>line 3</c>.</summary>
    /// <param name="number">Its <see cref="Number"/>.</param>
    public abstract string Place(long number);

    /// <summary>Reads the next sample; false at the end.</summary>
    /// <param name="sample">[inputs], overwritten.</param>
    /// <exception cref="DataFormatException">A bad row, or the input is damaged.</exception>
    public abstract bool Read(Span<float> sample);

    public abstract void Dispose();

    /// <summary>Reads once from the input.</summary>
    protected abstract void ReadAhead();
}
