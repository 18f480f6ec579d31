using System.Globalization;

namespace Lpom.Data;

/// <summary>The four files of an IDX data set in one folder, each there or not.</summary>
internal sealed class IdxFolder
{
    private const string TrainImages = "train-images", TrainLabels = "train-labels", TestImages = "t10k-images", TestLabels = "t10k-labels";

    private readonly string? _trainImages, _trainLabels, _testImages, _testLabels;

    private IdxFolder(string folder)
    {
        Folder = folder;
        _trainImages = Find(folder, TrainImages, 3);
        _trainLabels = Find(folder, TrainLabels, 1);
        _testImages = Find(folder, TestImages, 3);
        _testLabels = Find(folder, TestLabels, 1);
    }

    public string Folder { get; }

    /// <summary>True when none of the files is there.</summary>
    public bool IsEmpty => _trainImages is null && _trainLabels is null && _testImages is null && _testLabels is null;

    public static IdxFolder Look(string folder) => new(folder);

    /// <summary>The first of the four files that is not there, by its plain name; null when all are.</summary>
    public string? FirstMissing()
    {
        if (_trainImages is null)
            return FileName(TrainImages, 3);
        if (_trainLabels is null)
            return FileName(TrainLabels, 1);
        if (_testImages is null)
            return FileName(TestImages, 3);
        return _testLabels is null ? FileName(TestLabels, 1) : null;
    }

    /// <summary>Tells by the digests of the labels which of the known sets this is.</summary>
    /// <returns>The set of which a part at least is here (null: of none), and whether every part is.</returns>
    /// <exception cref="DataFormatException">The parts are of two known sets, or a label file is bad.</exception>
    public (KnownIdxSet? Set, bool IsWhole) Identify(IReadOnlyList<KnownIdxSet> known)
    {
        KnownIdxSet? train = _trainLabels is null ? null : KnownIdxSet.OfLabels(IdxReader.ReadLabels(_trainLabels), known);
        KnownIdxSet? test = _testLabels is null ? null : KnownIdxSet.OfLabels(IdxReader.ReadLabels(_testLabels), known);
        if (train is not null && test is not null && train != test)
            throw new DataFormatException(Folder, $"{Path.GetFileName(_trainLabels)} is of {train.Name}, but {Path.GetFileName(_testLabels)} of {test.Name}; expected files of one set.");
        bool isWhole = (_trainLabels is null || train is not null) && (_testLabels is null || test is not null);
        return (train ?? test, isWhole);
    }

    /// <summary>Reads the set: with both parts their own, with one part divided by rule.</summary>
    /// <param name="name">The data set's name.</param>
    /// <param name="classNames">By label; null: 0 … the largest label of the training part.</param>
    /// <exception cref="DataNotFoundException">Images without labels, or labels without images.</exception>
    /// <exception cref="DataFormatException">A file is bad, counts or shapes differ, or a label is out of range.</exception>
    public Dataset Load(string name, IReadOnlyList<string>? classNames)
    {
        RequirePair(_trainImages, _trainLabels, TrainImages, TrainLabels);
        RequirePair(_testImages, _testLabels, TestImages, TestLabels);
        bool hasBoth = _trainImages is not null && _testImages is not null;
        using IdxFile first = IdxFile.OpenImages((_trainImages ?? _testImages)!);
        using IdxFile? second = hasBoth ? IdxFile.OpenImages(_testImages!) : null;
        byte[] firstLabels = ReadLabels((_trainLabels ?? _testLabels)!, first);
        byte[] secondLabels = second is null ? [] : ReadLabels(_testLabels!, second);
        if (second is not null && (first.Height, first.Width) != (second.Height, second.Width))
            throw new DataFormatException(second.Path, $"images of {second.Height}×{second.Width}, but those of {first.Path} are of {first.Height}×{first.Width}.");

        IReadOnlyList<string> classes = classNames ?? ClassesOf(firstLabels, (_trainLabels ?? _testLabels)!);
        CheckLabels(firstLabels, classes.Count, (_trainLabels ?? _testLabels)!);
        CheckLabels(secondLabels, classes.Count, _testLabels ?? "");

        int features = first.Height * first.Width;
        ByteRows rows = ReadPixels(first, second, features);
        int[] labels = Array.ConvertAll([.. firstLabels, .. secondLabels], label => (int)label);
        var shape = new ImageShape(1, first.Height, first.Width);
        return hasBoth
            ? Dataset.WithOwnTest(name, rows, RowTargets.OfClasses(labels, classes), first.Count, Preprocessing.UnitPixels, shape)
            : Dataset.DividedByRule(name, rows, RowTargets.OfClasses(labels, classes), Preprocessing.UnitPixels, shape);
    }

    private static ByteRows ReadPixels(IdxFile first, IdxFile? second, int features)
    {
        long values = ((long)first.Count + (second?.Count ?? 0)) * features;
        if (values > Array.MaxLength)
            throw new DataFormatException(first.Path, $"training and test images have {values} pixels together; expected at most {Array.MaxLength}.");
        byte[] pixels = GC.AllocateUninitializedArray<byte>((int)values);
        int split = first.Count * features;
        first.ReadInto(pixels.AsSpan(0, split));
        second?.ReadInto(pixels.AsSpan(split));
        return new ByteRows(pixels, features);
    }

    private static byte[] ReadLabels(string path, IdxFile images)
    {
        byte[] labels = IdxReader.ReadLabels(path);
        if (labels.Length != images.Count)
            throw new DataFormatException(path, $"has {labels.Length} labels, but {images.Path} has {images.Count} images; expected as many.");
        return labels;
    }

    private static string[] ClassesOf(byte[] labels, string path)
    {
        int largest = labels.Max();
        int distinct = labels.Distinct().Count();

        // A label far above the others is a damaged file, not a set of hundreds of classes that never occur.
        if (largest + 1 > Math.Max(2, 2 * distinct))
            throw new DataFormatException(path, $"label {largest} at row {Array.IndexOf(labels, (byte)largest)} is out of range: the file has {distinct} different labels, expected 0…{distinct - 1} or nearly so.");
        return Enumerable.Range(0, Math.Max(2, largest + 1)).Select(label => label.ToString(CultureInfo.InvariantCulture)).ToArray();
    }

    private static void CheckLabels(byte[] labels, int classes, string path)
    {
        for (int row = 0; row < labels.Length; row++)
        {
            if (labels[row] >= classes)
                throw new DataFormatException(path, $"label {labels[row]} at row {row} is out of range, expected 0…{classes - 1}.");
        }
    }

    private void RequirePair(string? images, string? labels, string imagesStem, string labelsStem)
    {
        if (images is null && labels is not null)
            throw new DataNotFoundException($"{Folder}: {Path.GetFileName(labels)} is there, but {FileName(imagesStem, 3)} (or .gz) is missing.");
        if (labels is null && images is not null)
            throw new DataNotFoundException($"{Folder}: {Path.GetFileName(images)} is there, but {FileName(labelsStem, 1)} (or .gz) is missing.");
    }

    private static string FileName(string stem, int dimensions) => $"{stem}-idx{dimensions}-ubyte";

    /// <summary>The usual name or, as some unpackers write it, with a dot; plain before .gz.</summary>
    private static string? Find(string folder, string stem, int dimensions)
    {
        foreach (string separator in (ReadOnlySpan<string>)["-", "."])
        {
            string path = Path.Combine(folder, $"{stem}{separator}idx{dimensions}-ubyte");
            if (File.Exists(path))
                return path;
            if (File.Exists(path + ".gz"))
                return path + ".gz";
        }

        return null;
    }
}
