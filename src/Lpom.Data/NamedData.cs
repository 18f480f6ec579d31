namespace Lpom.Data;

/// <summary>
/// Data by name (<c>digits</c>, <c>mnist</c>, <c>fashion-mnist</c>, <c>cifar10</c>) or by path: a folder of IDX files,
/// a folder of CIFAR-10 batches, a folder of PNG images by class, a CSV file, or numpy's arrays in an NPZ file, an NPY file or a folder of NPY files.
/// </summary>
/// <remarks>
/// <para>Named sets are looked for in the given data folder, $LPOM_DATA, $XDG_CACHE_HOME/lpom (~/.cache/lpom) and
/// /usr/share/datasets; in each, in the subfolder of the set's name first, and directly in it only when it is the
/// given data folder or bears the set's name.</para>
/// <para>MNIST and Fashion-MNIST have the same file names. The digests of their labels tell them apart: neither is
/// ever taken for the other. IDX data of unknown origin is taken only where the user points at it, by path or data
/// folder, and is then called by its folder's name, or NAME/ where that is the name of a set.</para>
/// </remarks>
public static class NamedData
{
    private const string Digits = BuiltinDigits.Name, Cifar10 = "cifar10";
    private const string Formats = "expected a CSV file (.csv, .tsv, .txt or .data, also .gz), numpy's arrays (.npz, .npy, or a folder of x_train.npy, y_train.npy …), a folder of PNG images by class (CLASS/NAME.png), a folder of IDX files (train-images-idx3-ubyte …, also .gz) or a folder of CIFAR-10 batches (data_batch_1.bin …)";

    private static readonly string[] TableExtensions = [".csv", ".tsv", ".txt", ".data"];

    /// <summary>The names, in the order of lists.</summary>
    public static IReadOnlyList<string> Names { get; } = [Digits, KnownIdxSet.Mnist.Name, KnownIdxSet.FashionMnist.Name, Cifar10];

    /// <summary>Loads data in the process's environment; see <see cref="Load(string, string?, DataRequest?, DataEnvironment)"/>.</summary>
    public static Dataset Load(string nameOrPath, string? dataDir = null, DataRequest? request = null) =>
        Load(nameOrPath, dataDir, request, DataEnvironment.Current());

    /// <summary>Loads a named set, or the file or folder of a path.</summary>
    /// <param name="nameOrPath">A name goes before a file of that name; write ./name for the file.</param>
    /// <param name="dataDir">Folder to look in first; null for none.</param>
    /// <param name="request">What is asked of the data; null to take it as it is.</param>
    /// <param name="environment">Where else to look.</param>
    /// <exception cref="DataNotFoundException">Unknown name, nothing at the path, or the set is in none of the places: the message lists them, and how to get the set.</exception>
    /// <exception cref="DataFormatException">The data is there but bad.</exception>
    public static Dataset Load(string nameOrPath, string? dataDir, DataRequest? request, DataEnvironment environment)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrPath);
        ArgumentNullException.ThrowIfNull(environment);
        request ??= new DataRequest();
        CheckIsTable(nameOrPath, request);
        Dataset data = nameOrPath switch
        {
            Digits => BuiltinDigits.Load(request.ClassNames),
            "mnist" => LoadIdx(KnownIdxSet.Mnist, dataDir, request.ClassNames, environment),
            "fashion-mnist" => LoadIdx(KnownIdxSet.FashionMnist, dataDir, request.ClassNames, environment),
            Cifar10 => LoadCifar(dataDir, request.ClassNames, environment),
            _ => LoadPath(nameOrPath, request),
        };
        if (request.Kind is TargetKind kind && kind != data.Targets)
            throw new DataFormatException(data.Name, $"its rows have {(kind == TargetKind.Numbers ? "classes, not numbers" : "numbers, not classes")}.");
        if (request is { Resize: ImageSize size, Image: null } && (data.Shape?.Width, data.Shape?.Height) != (size.Width, size.Height))
            throw new DataFormatException(data.Name, $"cannot be resized to {size}; expected a folder of PNG images.");
        return data;
    }

    /// <summary>Says for every named set whether it is here, in the process's environment.</summary>
    /// <exception cref="DataNotFoundException">There is no folder <paramref name="dataDir"/>.</exception>
    public static IReadOnlyList<NamedDataSet> List(string? dataDir = null) => List(dataDir, DataEnvironment.Current());

    /// <summary>Says for every named set whether it is here. Reads labels at most.</summary>
    /// <exception cref="DataNotFoundException">There is no folder <paramref name="dataDir"/>.</exception>
    public static IReadOnlyList<NamedDataSet> List(string? dataDir, DataEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var search = new DataSearch(dataDir, environment);
        return
        [
            new NamedDataSet(Digits, "1,797 images 8×8, grey, 10 classes", "built in", "", Problem: null),
            Describe(KnownIdxSet.Mnist.Name, "60,000 + 10,000 images 28×28, grey, 10 classes", search, JudgeIdx(KnownIdxSet.Mnist, KnownIdxSet.All), environment),
            Describe(KnownIdxSet.FashionMnist.Name, "60,000 + 10,000 images 28×28, grey, 10 classes", search, JudgeIdx(KnownIdxSet.FashionMnist, KnownIdxSet.All), environment),
            Describe(Cifar10, "50,000 + 10,000 images 32×32, colour, 10 classes", search, JudgeCifar, environment),
        ];
    }

    private static NamedDataSet Describe(string name, string description, DataSearch search, DataSearch.Judge judge, DataEnvironment environment)
    {
        string howToGet = HowToGet(name, environment);
        try
        {
            (string? folder, string looked, bool hasRefusals) = search.Find(name, judge);
            return new NamedDataSet(name, description, folder, howToGet, folder is null && hasRefusals ? looked : null);
        }
        catch (DataFormatException e)
        {
            return new NamedDataSet(name, description, Location: null, howToGet, e.Message);
        }
    }

    /// <summary>Whether this is a file of a table's columns, CSV or TSV by its name.</summary>
    public static bool IsTable(string nameOrPath)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        return !Names.Contains(nameOrPath) && File.Exists(nameOrPath) && TableExtensions.Contains(ExtensionOf(nameOrPath), StringComparer.OrdinalIgnoreCase);
    }

    private static Dataset LoadIdx(KnownIdxSet set, string? dataDir, IReadOnlyList<string>? classNames, DataEnvironment environment)
    {
        string folder = Search(set.Name, JudgeIdx(set, KnownIdxSet.All), dataDir, environment);
        IdxFolder files = IdxFolder.Look(folder);
        string name = files.Identify(KnownIdxSet.All) is { IsWhole: true, Set: not null } ? set.Name : FolderName(folder);
        return files.Load(name, classNames ?? set.ClassNames);
    }

    private static Dataset LoadCifar(string? dataDir, IReadOnlyList<string>? classNames, DataEnvironment environment)
    {
        Dataset data = CifarReader.Read(Search(Cifar10, JudgeCifar, dataDir, environment), Cifar10);
        CheckClassCount(data, classNames);
        return data;
    }

    private static string Search(string name, DataSearch.Judge judge, string? dataDir, DataEnvironment environment)
    {
        (string? folder, string looked, _) = new DataSearch(dataDir, environment).Find(name, judge);
        return folder ?? throw new DataNotFoundException($"data '{name}' not found; looked in {looked}. {HowToGet(name, environment)}");
    }

    internal static DataSearch.Judge JudgeIdx(KnownIdxSet wanted, IReadOnlyList<KnownIdxSet> known) => (folder, isExplicit) =>
    {
        IdxFolder files = IdxFolder.Look(folder);
        if (files.IsEmpty)
            return null;
        if (files.FirstMissing() is string missing)
            return new DataSearch.Verdict($"{missing} is missing");
        (KnownIdxSet? set, bool isWhole) = files.Identify(known);
        if (set is not null && set != wanted)
            return new DataSearch.Verdict($"this is {set.Name}, not {wanted.Name}");
        if (isExplicit || isWhole && set is not null)
            return new DataSearch.Verdict(Refusal: null);
        return new DataSearch.Verdict($"unknown data in IDX format, not {wanted.Name}; to use it, give the folder itself as the data");
    };

    private static DataSearch.Verdict? JudgeCifar(string folder, bool isExplicit) =>
        CifarReader.Locate(folder) is null ? null : new DataSearch.Verdict(Refusal: null);

    private static Dataset LoadPath(string path, DataRequest request)
    {
        if (Directory.Exists(path))
            return LoadFolder(path, request);
        if (File.Exists(path))
            return LoadFile(path, request);
        if (path.Contains('/') || path.Contains('\\') || Path.HasExtension(path))
            throw new DataNotFoundException($"{path}: no such file or folder.");
        string hint = NearestName.Find(path, Names) is string nearest ? $"did you mean '{nearest}'? " : "";
        throw new DataNotFoundException($"unknown data '{path}': {hint}expected {string.Join(", ", Names)}, or an existing file or folder.");
    }

    private static Dataset LoadFolder(string folder, DataRequest request)
    {
        IdxFolder files = IdxFolder.Look(folder);
        if (!files.IsEmpty)
        {
            (KnownIdxSet? set, bool isWhole) = files.Identify(KnownIdxSet.All);
            return isWhole && set is not null
                ? files.Load(set.Name, request.ClassNames ?? set.ClassNames)
                : files.Load(FolderName(folder), request.ClassNames);
        }

        if (CifarReader.Locate(folder) is not null)
        {
            Dataset data = CifarReader.Read(folder, FolderName(folder));
            CheckClassCount(data, request.ClassNames);
            return data;
        }

        using var arrays = NpyFolder.Look(folder);
        if (arrays.Names.Count > 0)
            return NpyReader.Read(arrays, FolderName(folder), request);
        ImageFolder images = ImageFolder.Look(folder) ?? throw new DataFormatException(folder, $"the folder has no data in a known format; {Formats}.");
        return images.Load(FolderName(folder), request);
    }

    private static Dataset LoadFile(string path, DataRequest request)
    {
        string extension = ExtensionOf(path);
        if (string.Equals(extension, ".npz", StringComparison.OrdinalIgnoreCase))
            return NpyReader.ReadArchive(path, request);
        if (string.Equals(extension, ".npy", StringComparison.OrdinalIgnoreCase))
            return NpyReader.ReadTable(path, request);
        if (!TableExtensions.Contains(extension, StringComparer.OrdinalIgnoreCase))
            throw new DataFormatException(path, $"the format of this file is not supported; {Formats}.");
        return CsvReader.Read(path, request);
    }

    private static string ExtensionOf(string path) =>
        Path.GetExtension(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path);

    /// <exception cref="DataFormatException">A column is asked for of what has none.</exception>
    private static void CheckIsTable(string nameOrPath, DataRequest request)
    {
        if (request.Target is not null && !IsTable(nameOrPath) && (Names.Contains(nameOrPath) || File.Exists(nameOrPath) || Directory.Exists(nameOrPath)))
            throw new DataFormatException(nameOrPath, $"has no columns to choose '{CsvRowReader.Printable(request.Target)}' from; expected a CSV file.");
    }

    private static void CheckClassCount(Dataset data, IReadOnlyList<string>? classNames)
    {
        if (classNames is not null && classNames.Count < data.Classes)
            throw new DataFormatException(data.Name, $"has {data.Classes} classes; expected at most the model's {classNames.Count}.");
    }

    /// <summary>A folder's own name; with a slash when it is that of a named set, which the data is not.</summary>
    private static string FolderName(string folder)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return Names.Contains(name) ? name + "/" : name;
    }

    private static string HowToGet(string name, DataEnvironment environment)
    {
        string place = Path.Combine(environment.CacheFolder ?? "$LPOM_DATA", name);
        return name switch
        {
            "mnist" => $"To get it: put train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, plain or .gz, from https://storage.googleapis.com/cvdf-datasets/mnist/ into {place}, or pass their folder by --data-dir.",
            "fashion-mnist" => $"To get it: apt-get install dataset-fashion-mnist (Debian, Ubuntu), or put the four .gz files of https://github.com/zalandoresearch/fashion-mnist into {place}, or pass their folder by --data-dir.",
            _ => $"To get it: unpack cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html into {place}, or pass its folder by --data-dir.",
        };
    }
}
