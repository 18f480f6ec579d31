using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Lpom.Docs.Pages;

/// <summary>A link of the navigation.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Output">The page's path in the site.</param>
internal sealed record NavigationLink(string Text, string Output);

/// <summary>Links below one heading.</summary>
internal sealed record NavigationGroup(string Title, IReadOnlyList<NavigationLink> Links);

/// <summary>
/// The pages in their order, as the index has them: each heading of second level is a group, each item of the lists below it that starts
/// with a link to a Markdown file a page.
/// </summary>
internal sealed record Navigation(IReadOnlyList<string> Sources, IReadOnlyList<NavigationGroup> Groups)
{
    /// <summary>What the links to pages that are made of the code stand below.</summary>
    public const string GeneratedTitle = "Reference, made of the code";

    /// <summary>Reads the index.</summary>
    public static Navigation Read(SiteMap map, string index, IEnumerable<NavigationLink> generated, List<string> problems)
    {
        var sources = new List<string> { index };
        var groups = new List<NavigationGroup>();
        var names = new SiteMap("");
        names.AddPage(index);
        string title = "";
        foreach (Block block in MarkdownPage.Parse(File.ReadAllText(map.Full(index))))
        {
            if (block is HeadingBlock { Level: 2 } heading)
                title = MarkdownPage.PlainText(heading.Inline);
            if (block is not ListBlock list)
                continue;
            var links = new List<NavigationLink>();
            foreach (LinkInline link in list.OfType<ListItemBlock>().Select(FirstLink).OfType<LinkInline>())
            {
                string source = SiteMap.Combine(index, link.Url!);
                if (!source.EndsWith(".md", StringComparison.Ordinal) || !File.Exists(map.Full(source)) || sources.Contains(source))
                {
                    problems.Add($"{index}: '{link.Url}' is not a page that exists, or is there twice");
                    continue;
                }

                sources.Add(source);
                names.AddPage(source);
                links.Add(new NavigationLink(MarkdownPage.PlainText(link), names.PageOf(source)));
            }

            groups.Add(new NavigationGroup(title, links));
        }

        foreach (string file in Directory.EnumerateFiles(map.Full("docs"), "*.md").Select(path => $"docs/{Path.GetFileName(path)}").Except(sources).Order(StringComparer.Ordinal))
            problems.Add($"{index}: no link to {file}");
        return new Navigation(sources, [.. groups, new NavigationGroup(GeneratedTitle, [.. generated])]);
    }

    private static LinkInline? FirstLink(ListItemBlock item) => (item[0] as ParagraphBlock)?.Inline?.FirstChild as LinkInline;
}
