namespace Lpom.Data;

/// <summary>What a folder holds, in ordinal order of names, without hidden files; links are followed where they stay in it.</summary>
internal sealed class FolderTree
{
    private const int MostLinks = 40;

    private readonly string _root;

    /// <exception cref="DataFormatException">Links to it go round in a circle.</exception>
    public FolderTree(string folder)
    {
        Path = folder;
        _root = RealPath(System.IO.Path.GetFullPath(folder)) ?? throw new DataFormatException(folder, "is a link that leads nowhere.");
    }

    public string Path { get; }

    /// <summary>The folders and files directly in a folder.</summary>
    /// <param name="folder">The folder, or one in it.</param>
    /// <exception cref="DataFormatException">A link that leads out of the folder or nowhere, or a folder that cannot be read.</exception>
    public FileSystemInfo[] Entries(string folder)
    {
        FileSystemInfo[] entries = Look(folder);
        foreach (FileSystemInfo entry in entries)
        {
            if (!IsInside(entry))
                throw new DataFormatException(PathOf(folder, entry), $"is a link that leads out of {Path}, or nowhere; expected files and folders in it.");
        }

        return entries;
    }

    /// <summary>The folders directly in a folder, but for links out of it: to tell what it is.</summary>
    public IEnumerable<string> Folders(string folder) =>
        Look(folder).Where(entry => entry is DirectoryInfo && IsInside(entry)).Select(entry => PathOf(folder, entry));

    /// <summary>An entry's path, as the user would write it.</summary>
    public static string PathOf(string folder, FileSystemInfo entry) => System.IO.Path.Combine(folder, entry.Name);

    private static FileSystemInfo[] Look(string folder)
    {
        try
        {
            FileSystemInfo[] entries = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => !entry.Name.StartsWith('.'))];
            Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Name, b.Name));
            return entries;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(folder, $"cannot be read ({e.GetType().Name}).", e);
        }
    }

    private bool IsInside(FileSystemInfo entry)
    {
        if (!entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
            return true;
        string? real = RealPath(entry.FullName);
        return real is not null && System.IO.Path.Exists(real) && real.StartsWith(System.IO.Path.TrimEndingDirectorySeparator(_root) + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    /// <summary>The path without links in it; null when they go round in a circle.</summary>
    private static string? RealPath(string path)
    {
        int links = 0;
        return RealPath(System.IO.Path.GetPathRoot(path)!, path, ref links);
    }

    private static string? RealPath(string folder, string path, ref int links)
    {
        string? real = folder;
        foreach (string name in path[(System.IO.Path.GetPathRoot(path) ?? "").Length..].Split(System.IO.Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = name switch
            {
                "." => real,
                // What is above a link is above its target: names cannot be crossed out beforehand.
                ".." => System.IO.Path.GetDirectoryName(real) ?? real,
                _ => Follow(System.IO.Path.Combine(real, name), real, ref links),
            };
            if (real is null)
                return null;
        }

        return real;
    }

    private static string? Follow(string path, string folder, ref int links)
    {
        if (new FileInfo(path).LinkTarget is not string target)
            return path;
        return ++links > MostLinks ? null : RealPath(System.IO.Path.IsPathRooted(target) ? System.IO.Path.GetPathRoot(target)! : folder, target, ref links);
    }
}
