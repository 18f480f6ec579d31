using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Lpom.Docs.Pages;

/// <summary>A page of a Markdown file.</summary>
internal static class MarkdownPage
{
    // Headings have the anchors that GitHub gives them.
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    public static MarkdownDocument Parse(string text) => Markdown.Parse(text, Pipeline);

    /// <summary>Reads a file, and makes its links ones of the site.</summary>
    public static Page Read(SiteMap map, string source, List<string> problems)
    {
        MarkdownDocument document = Parse(File.ReadAllText(map.Full(source)));
        string output = map.PageOf(source);
        foreach (LinkInline link in document.Descendants<LinkInline>())
            link.Url = Rewrite(link.Url ?? "", map, source, output, problems);
        foreach (FencedCodeBlock block in document.Descendants<FencedCodeBlock>())
            ShowArguments(block);
        string? title = document.Descendants<HeadingBlock>().Where(heading => heading.Level == 1).Select(heading => PlainText(heading.Inline)).FirstOrDefault();
        if (title is null)
            problems.Add($"{source}: no heading of first level");
        return new Page(source, output, title ?? source, document.ToHtml(Pipeline));
    }

    /// <summary>The text of inlines, without what emphasises it.</summary>
    public static string PlainText(ContainerInline? inlines) => inlines is null ? "" : string.Concat(inlines.Select(inline => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        ContainerInline container => PlainText(container),
        _ => "",
    }));

    private static string Rewrite(string url, SiteMap map, string source, string output, List<string> problems)
    {
        if (url.Contains(':', StringComparison.Ordinal) || url.StartsWith('#'))
            return url;
        int hash = url.IndexOf('#', StringComparison.Ordinal);
        (string path, string anchor) = hash < 0 ? (url, "") : (url[..hash], url[hash..]);
        if (map.Resolve(SiteMap.Combine(source, path)) is string target)
            return Page.Relative(output, target) + anchor;
        problems.Add($"{source}: link to '{url}': no such file");
        // Said once.
        return "";
    }

    // What the tests take of a block's first line, such as needs=mnist, the style sheet shows.
    private static void ShowArguments(FencedCodeBlock block)
    {
        foreach (string argument in (block.Arguments ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (argument.Split('=', 2) is [string name, string value])
                block.GetAttributes().AddProperty($"data-{name}", value);
        }
    }
}
