namespace Lpom.Data;

/// <summary>
/// Looks for a named set: in the given data folder, LPOM_DATA, the cache folder and the system's folder, in this
/// order; in each, in a subfolder of the set's name first, and directly in it when it is the given data folder or bears
/// the set's name.
/// </summary>
internal sealed class DataSearch
{
    private readonly DataEnvironment _environment;
    private readonly string? _dataDir;

    /// <exception cref="DataNotFoundException">There is no folder <paramref name="dataDir"/>.</exception>
    public DataSearch(string? dataDir, DataEnvironment environment)
    {
        if (dataDir is not null && !Directory.Exists(dataDir))
            throw new DataNotFoundException($"{dataDir}: no such folder of data.");
        _dataDir = dataDir;
        _environment = environment;
    }

    /// <summary>What <see cref="Find"/> asks of a folder: null when the set is not in it, else whether it can be taken or why not.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="isExplicit">True when the user named the folder, so that data of unknown origin is welcome.</param>
    internal delegate Verdict? Judge(string folder, bool isExplicit);

    /// <summary>The answer about a folder; <paramref name="Refusal"/> is null when its data can be taken.</summary>
    internal readonly record struct Verdict(string? Refusal);

    /// <summary>The folder of the first acceptable data.</summary>
    /// <returns>The folder, or null; and, in one line, where it was looked for and why data was refused.</returns>
    public (string? Folder, string Looked, bool HasRefusals) Find(string name, Judge judge)
    {
        var looked = new List<string>();
        bool hasRefusals = false;
        foreach ((string folder, bool isExplicit) in Candidates(name))
        {
            Verdict? verdict = Directory.Exists(folder) ? judge(folder, isExplicit) : null;
            if (verdict is { Refusal: null })
                return (folder, string.Join(", ", looked), hasRefusals);
            hasRefusals |= verdict is not null;
            looked.Add(verdict is { Refusal: string reason } ? $"{folder} ({reason})" : folder);
        }

        return (null, string.Join(", ", looked), hasRefusals);
    }

    private IEnumerable<(string Folder, bool IsExplicit)> Candidates(string name)
    {
        foreach ((string? root, bool isExplicit) in (IEnumerable<(string?, bool)>)[(_dataDir, true), (_environment.LpomData, false), (_environment.CacheFolder, false), (_environment.SystemFolder, false)])
        {
            if (root is null)
                continue;
            yield return (Path.Combine(root, name), isExplicit);
            if (isExplicit || string.Equals(Path.GetFileName(Path.TrimEndingDirectorySeparator(root)), name, StringComparison.OrdinalIgnoreCase))
                yield return (root, isExplicit);
        }
    }
}
