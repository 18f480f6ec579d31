using System.Text;
using System.Text.Unicode;

namespace Lpom.Data;

/// <summary>
/// Reads CIFAR-10's binary version: <c>data_batch_1.bin</c> … <c>data_batch_5.bin</c> and <c>test_batch.bin</c>, each
/// a sequence of records of a label byte 0…9 and 3072 pixels (red, green, blue plane, 32×32 each).
/// </summary>
public static class CifarReader
{
    private const int Channels = 3, Side = 32, Pixels = Channels * Side * Side, Record = 1 + Pixels, Classes = 10;
    private const int TrainFiles = 5, MaxMetaBytes = 4096;
    private const string InnerFolder = "cifar-10-batches-bin", MetaFile = "batches.meta.txt", FirstFile = "data_batch_1.bin";

    private static readonly string[] Files = ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"];

    private static readonly string[] DefaultClassNames = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>
    /// Reads the six files of <paramref name="folder"/> or of its subfolder <c>cifar-10-batches-bin</c>. Inputs are
    /// pixels / 255 less the mean of their channel over the training part ([L19] section 4).
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The data set's name.</param>
    /// <exception cref="DataNotFoundException">A file is missing.</exception>
    /// <exception cref="DataFormatException">A file's length is no multiple of 3073, a label is above 9, or <c>batches.meta.txt</c> is there without ten names that differ.</exception>
    public static Dataset Read(string folder, string name = "cifar10")
    {
        string place = Locate(folder) ?? throw new DataNotFoundException($"{folder}: no CIFAR-10 batches; expected {string.Join(", ", Files)}, there or in {InnerFolder}.");
        var paths = Array.ConvertAll(Files, file => Path.Combine(place, file));
        foreach (string path in paths)
        {
            if (!File.Exists(path))
                throw new DataNotFoundException($"{path}: no such file; CIFAR-10 needs {string.Join(", ", Files)}.");
        }

        IReadOnlyList<string> classNames = ReadClassNames(Path.Combine(place, MetaFile));
        int[] records = Array.ConvertAll(paths, CountRecords);
        long total = records.Sum(count => (long)count);
        if (total * Pixels > Array.MaxLength)
            throw new DataFormatException(place, $"the batches have {total} records; expected at most {Array.MaxLength / Pixels}.");

        byte[] pixels = GC.AllocateUninitializedArray<byte>((int)total * Pixels);
        var labels = new int[total];
        int first = 0;
        for (int i = 0; i < paths.Length; i++)
        {
            ReadBatch(paths[i], pixels.AsSpan(first * Pixels, records[i] * Pixels), labels.AsSpan(first, records[i]));
            first += records[i];
        }

        int trainRows = records.Take(TrainFiles).Sum();
        var shape = new ImageShape(Channels, Side, Side);
        Dataset data = Dataset.WithOwnTest(name, new ByteRows(pixels, Pixels), RowTargets.OfClasses(labels, classNames), trainRows, Preprocessing.UnitPixels, shape);
        return data.WithPreprocessing(ChannelMeans.PreprocessingOf(pixels, shape, data.Train));
    }

    /// <summary>The folder that holds the first batch: the given one or its usual subfolder; null when there is none.</summary>
    internal static string? Locate(string folder)
    {
        string inner = Path.Combine(folder, InnerFolder);
        if (File.Exists(Path.Combine(folder, FirstFile)))
            return folder;
        return File.Exists(Path.Combine(inner, FirstFile)) ? inner : null;
    }

    private static int CountRecords(string path)
    {
        long length = new FileInfo(path).Length;
        if (length == 0 || length % Record != 0)
            throw new DataFormatException(path, $"has {length} bytes; expected a multiple of {Record} (a label and {Pixels} pixels a record), not 0.");
        if (length / Record > Array.MaxLength / Pixels)
            throw new DataFormatException(path, $"has {length / Record} records; expected at most {Array.MaxLength / Pixels}.");
        return (int)(length / Record);
    }

    private static void ReadBatch(string path, Span<byte> pixels, Span<int> labels)
    {
        using SourceFile source = SourceFile.Open(path);
        Span<byte> label = stackalloc byte[1];
        for (int i = 0; i < labels.Length; i++)
        {
            source.ReadExactly(label, "records");
            if (label[0] >= Classes)
                throw new DataFormatException(path, $"label {label[0]} of record {i} at byte {(long)i * Record}, expected 0…{Classes - 1}.");
            labels[i] = label[0];
            source.ReadExactly(pixels.Slice(i * Pixels, Pixels), "pixels of a record");
        }

        source.ExpectEnd("records");
    }

    private static string[] ReadClassNames(string path)
    {
        if (!File.Exists(path))
            return DefaultClassNames;
        using SourceFile source = SourceFile.Open(path);
        if (source.FileLength > MaxMetaBytes)
            throw new DataFormatException(path, $"has {source.FileLength} bytes; expected {Classes} class names in at most {MaxMetaBytes}.");
        var text = new byte[source.FileLength];
        source.ReadExactly(text, "class names");
        List<string> names = [];
        int line = 0;
        foreach (Range range in text.AsSpan().Split((byte)'\n'))
        {
            line++;
            if (ReadName(path, line, text.AsSpan(range)) is not { Length: > 0 } name)
                continue;
            if (names.Contains(name))
                throw new DataFormatException(path, $"line {line} names the class '{name}' again; expected {Classes} names that differ.");
            names.Add(name);
        }

        if (names.Count != Classes)
            throw new DataFormatException(path, $"has {names.Count} class names, one a line; expected {Classes}.");
        return [.. names];
    }

    private static string ReadName(string path, int line, ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes))
            throw new DataFormatException(path, $"line {line} is no UTF-8 text; expected a class name.");
        return Encoding.UTF8.GetString(bytes).Trim();
    }
}
