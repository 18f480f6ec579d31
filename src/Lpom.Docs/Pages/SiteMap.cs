namespace Lpom.Docs.Pages;

/// <summary>Where each file of the repository is in the site.</summary>
/// <param name="root">The repository.</param>
internal sealed class SiteMap(string root)
{
    private const string Documents = "docs/", Markdown = ".md";

    private readonly Dictionary<string, string> _pages = [];
    private readonly Dictionary<string, string> _assets = [];
    private readonly HashSet<string> _sources = [];
    private readonly Queue<string> _waiting = new();

    /// <summary>Files that are copied: of the repository, and in the site.</summary>
    public IReadOnlyDictionary<string, string> Assets => _assets;

    public string Full(string path) => Path.Combine(root, path);

    /// <summary>Makes a Markdown file a page: of docs/ by its own name, others by that of their folder.</summary>
    public void AddPage(string source)
    {
        string name = source[..^Markdown.Length];
        if (name.StartsWith(Documents, StringComparison.Ordinal))
            name = name[Documents.Length..];
        else if (name.EndsWith("/README", StringComparison.Ordinal))
            name = name[..^"/README".Length].Replace('/', '-');
        _pages.Add(source, $"{name.ToLowerInvariant()}.html");
    }

    public string PageOf(string source) => _pages[source];

    /// <summary>The place in the site of what a link leads to, which is added if it is not there yet; null when there is no such file.</summary>
    /// <param name="path">A file or folder of the repository, from its root.</param>
    public string? Resolve(string path)
    {
        if (path.Split('/').Contains("..") || !Path.Exists(Full(path)))
            return null;
        if (_pages.TryGetValue(path, out string? page))
            return page;
        if (path.StartsWith(Documents, StringComparison.Ordinal) && File.Exists(Full(path)) && !path.EndsWith(Markdown, StringComparison.Ordinal))
            return _assets[path] = path[Documents.Length..];
        if (_sources.Add(path))
            _waiting.Enqueue(path);
        return SourceOutput(path);
    }

    /// <summary>A file or folder that a link leads to and that has no page yet; null when there is none.</summary>
    public string? NextSource() => _waiting.TryDequeue(out string? path) ? path : null;

    public static string SourceOutput(string path) => $"source/{path}.html";

    /// <summary>The path from the repository's root of a link in a file.</summary>
    public static string Combine(string source, string link)
    {
        var parts = new List<string>(source.Split('/')[..^1]);
        foreach (string part in link.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part != ".")
                parts.Add(part);
        }

        return string.Join('/', parts);
    }
}
