namespace Lpom.Data;

/// <summary>NPY arrays by name: the members of an NPZ archive, or the files of a folder.</summary>
/// <param name="path">The archive or folder.</param>
internal abstract class ArraySet(string path) : IDisposable
{
    protected const string Extension = ".npy";

    private const int MaxListed = 20;

    public string Path => path;

    /// <summary>The names, without <c>.npy</c>.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>For messages.</summary>
    public string NameList => Names.Count == 0
        ? "no arrays"
        : $"the {(Names.Count == 1 ? "array" : "arrays")} {string.Join(", ", Names.Take(MaxListed).Select(CsvRowReader.Printable))}{(Names.Count > MaxListed ? ", …" : "")}";

    /// <summary>The array of this name, else the only one whose name differs in upper and lower case alone; null when there is none.</summary>
    public string? Find(string name)
    {
        if (Names.Contains(name))
            return name;
        string[] similar = Names.Where(other => string.Equals(other, name, StringComparison.OrdinalIgnoreCase)).ToArray();
        return similar.Length == 1 ? similar[0] : null;
    }

    /// <summary>Opens an array of <see cref="Names"/>.</summary>
    /// <exception cref="DataFormatException">It cannot be opened.</exception>
    public abstract ByteInput OpenArray(string name);

    public abstract void Dispose();
}
