using System.Text;
using static System.Net.WebUtility;

namespace Lpom.Docs.Pages;

/// <summary>What all pages have around them.</summary>
internal static class Layout
{
    private const string SiteName = "Lpom";

    public static string Html(Page page, Navigation navigation, string styleSheet)
    {
        string home = Page.Relative(page.Output, "index.html");
        string title = page.Title == SiteName ? SiteName : $"{page.Title} · {SiteName}";
        // The navigation comes last: on a phone the text is first, and the link above leads down to it.
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{HtmlEncode(title)}</title>
            <link rel="stylesheet" href="{Page.Relative(page.Output, styleSheet)}">
            </head>
            <body>
            <header><a href="{home}">{SiteName}</a> <a class="menu" href="#pages">All pages</a></header>
            <main>
            {page.Body}
            </main>
            <nav id="pages" aria-label="Pages">
            {Links(page, navigation)}
            </nav>
            </body>
            </html>

            """;
    }

    private static string Links(Page page, Navigation navigation)
    {
        var html = new StringBuilder();
        foreach (NavigationGroup group in navigation.Groups)
        {
            html.Append("<h2>").Append(HtmlEncode(group.Title)).Append("</h2>\n<ul>\n");
            foreach (NavigationLink link in group.Links)
            {
                string current = link.Output == page.Output ? " aria-current=\"page\"" : "";
                html.Append($"<li><a href=\"{Page.Relative(page.Output, link.Output)}\"{current}>{HtmlEncode(link.Text)}</a></li>\n");
            }

            html.Append("</ul>\n");
        }

        return html.ToString().TrimEnd();
    }
}
