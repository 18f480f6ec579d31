using Lpom.Docs.Api;
using Lpom.Docs.Commands;
using Lpom.Docs.Pages;

namespace Lpom.Docs;

/// <summary>The documentation site: pages of Markdown files, the references made of the code, and pages of source files that they link to.</summary>
internal static class Site
{
    public const string Index = "docs/index.md";

    private const string StyleSheet = "style.css";

    /// <summary>Makes the site.</summary>
    /// <param name="repository">The repository's root.</param>
    /// <param name="output">The folder to write to; files of the same names are replaced.</param>
    /// <returns>The number of pages.</returns>
    /// <exception cref="SiteException">A page that is missing, a link that leads nowhere, a public type that nothing is said of.</exception>
    public static int Build(string repository, string output)
    {
        var problems = new List<string>();
        var map = new SiteMap(Path.GetFullPath(repository));
        Navigation navigation = Navigation.Read(map, Index, [OptionReference.Link, ApiReference.Link], problems);
        foreach (string source in navigation.Sources)
            map.AddPage(source);

        List<Page> pages = [.. navigation.Sources.Select(source => MarkdownPage.Read(map, source, problems))];
        pages.Add(OptionReference.Page());
        pages.AddRange(ApiReference.Pages(problems));
        // A source page may link to others.
        while (map.NextSource() is string path)
            pages.Add(SourcePage.Of(map, path));

        LinkCheck.Run(pages, map, problems);
        if (problems.Count > 0)
            throw new SiteException([.. problems.Distinct()]);

        Write(pages, navigation, map, output);
        return pages.Count;
    }

    private static void Write(List<Page> pages, Navigation navigation, SiteMap map, string output)
    {
        Directory.CreateDirectory(output);
        foreach (Page page in pages)
            WriteText(Path.Combine(output, page.Output), Layout.Html(page, navigation, StyleSheet));
        using Stream style = typeof(Site).Assembly.GetManifestResourceStream(StyleSheet)!;
        using var reader = new StreamReader(style);
        WriteText(Path.Combine(output, StyleSheet), reader.ReadToEnd());
        foreach ((string source, string asset) in map.Assets)
        {
            string path = Path.Combine(output, asset);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(map.Full(source), path, overwrite: true);
        }
    }

    private static void WriteText(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
