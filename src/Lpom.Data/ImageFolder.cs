namespace Lpom.Data;

/// <summary>
/// A folder of PNG images by class: CLASS/*.png, or train/CLASS/*.png with test/CLASS/*.png. A class is called by its folder's name;
/// classes are in numerical (if all are integers) or ordinal order, and the images of each in ordinal order of their names.
/// </summary>
internal sealed class ImageFolder
{
    private const string Train = "train", Test = "test", Extension = ".png";

    private static readonly string[] TextExtensions = [".txt", ".md"];

    private readonly FolderTree _tree;
    private readonly bool _hasParts;

    private ImageFolder(FolderTree tree, bool hasParts) => (_tree, _hasParts) = (tree, hasParts);

    /// <summary>The folder, when it has images in folders.</summary>
    /// <returns>Null when it has none.</returns>
    public static ImageFolder? Look(string folder)
    {
        var tree = new FolderTree(folder);
        string[] folders = [.. tree.Folders(folder)];
        string[] inner = [.. folders.Where(path => Path.GetFileName(path) is Train or Test).SelectMany(tree.Folders)];
        return (inner.Length > 0 ? inner : folders).Any(HasImages) ? new ImageFolder(tree, inner.Length > 0) : null;
    }

    /// <summary>Reads all images: with both parts their own, with one divided by rule.</summary>
    /// <param name="name">The data set's name.</param>
    /// <param name="request">What is asked of it.</param>
    /// <exception cref="DataFormatException">What is no image, images that cannot be read, of several sizes, or of one class.</exception>
    public Dataset Load(string name, DataRequest request)
    {
        CheckTop();
        ClassFiles[] train = ReadPart(_hasParts ? Path.Combine(_tree.Path, Train) : _tree.Path);
        string testFolder = Path.Combine(_tree.Path, Test);
        ClassFiles[] test = _hasParts && Directory.Exists(testFolder) ? ReadPart(testFolder) : [];
        IReadOnlyList<string> names = request.ClassNames ?? NamesOf(train);
        var classes = new ClassList(names, bounds: null);
        (string Path, int Label)[] files = [.. FilesOf(train, classes), .. FilesOf(test, classes)];
        var rows = new ImageRows(files.Length, request);
        foreach ((string path, _) in files)
            rows.Add(PngReader.Read(path), path);

        int trainRows = train.Sum(part => part.Files.Length);
        var storage = new ByteRows(rows.Pixels, rows.Pixels.Length / files.Length);
        RowTargets targets = RowTargets.OfClasses(Array.ConvertAll(files, file => file.Label), names);
        Dataset data = test.Length > 0
            ? Dataset.WithOwnTest(name, storage, targets, trainRows, Preprocessing.UnitPixels, rows.Shape)
            : Dataset.DividedByRule(name, storage, targets, Preprocessing.UnitPixels, rows.Shape);
        return data.WithPreprocessing(ChannelMeans.PreprocessingOf(rows.Pixels, rows.Shape, data.Train)).WithTable(columns: null, [.. rows.Notes]);
    }

    /// <summary>The images of a class.</summary>
    private sealed record ClassFiles(string Name, string Folder, string[] Files);

    private void CheckTop()
    {
        foreach (FileSystemInfo entry in _tree.Entries(_tree.Path))
        {
            string path = FolderTree.PathOf(_tree.Path, entry);
            if (entry is FileInfo && !IsText(entry.Name))
                throw new DataFormatException(path, $"is in no class's folder; expected {Expected}.");
            if (entry is DirectoryInfo && _hasParts && entry.Name is not (Train or Test))
                throw new DataFormatException(path, $"is beside {Train} or {Test}; expected these two alone.");
        }

        if (_hasParts && !Directory.Exists(Path.Combine(_tree.Path, Train)))
            throw new DataFormatException(_tree.Path, $"has a folder {Test}, but no {Train}.");
    }

    private string Expected => _hasParts ? $"{Train}/CLASS/NAME{Extension}, {Test}/CLASS/NAME{Extension}" : $"CLASS/NAME{Extension}";

    private ClassFiles[] ReadPart(string folder)
    {
        var classes = new List<ClassFiles>();
        foreach (FileSystemInfo entry in _tree.Entries(folder))
        {
            string path = FolderTree.PathOf(folder, entry);
            if (entry is DirectoryInfo)
                classes.Add(new ClassFiles(entry.Name, path, ReadClass(path)));
            else if (!IsText(entry.Name))
                throw new DataFormatException(path, $"is in no class's folder; expected {Expected}.");
        }

        return [.. classes];
    }

    private string[] ReadClass(string folder)
    {
        FileSystemInfo[] entries = _tree.Entries(folder);
        foreach (FileSystemInfo entry in entries)
        {
            if (entry is DirectoryInfo || !IsImage(entry.Name))
                throw new DataFormatException(FolderTree.PathOf(folder, entry), $"is no PNG image by its name; expected {Expected}, and nothing else in a class's folder.");
        }

        return entries.Length > 0
            ? Array.ConvertAll(entries, entry => FolderTree.PathOf(folder, entry))
            : throw new DataFormatException(folder, $"has no images; expected {Expected}.");
    }

    private string[] NamesOf(ClassFiles[] train)
    {
        if (train.Length < 2)
            throw new DataFormatException(_tree.Path, $"has images of the class '{CsvRowReader.Printable(train[0].Name)}' alone; expected at least two classes' folders.");
        if (train.Length > CsvReader.MaxClasses)
            throw new DataFormatException(_tree.Path, $"has {train.Length} classes' folders; expected at most {CsvReader.MaxClasses}.");
        return ClassList.InOrder(train.Select(part => part.Name));
    }

    private static IEnumerable<(string Path, int Label)> FilesOf(ClassFiles[] part, ClassList classes) =>
        part.Select(files => (files.Files, Label: classes.Label(files.Name, problem => new DataFormatException(files.Folder, problem))))
            .OrderBy(files => files.Label)
            .SelectMany(files => files.Files.Select(file => (file, files.Label)));

    private static bool HasImages(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder).Any(IsImage);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsImage(string name) => name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    private static bool IsText(string name) =>
        name.StartsWith("README", StringComparison.OrdinalIgnoreCase) || TextExtensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);
}
