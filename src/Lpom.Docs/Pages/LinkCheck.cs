using System.Net;
using System.Text.RegularExpressions;

namespace Lpom.Docs.Pages;

/// <summary>Follows every link of the pages as they are written; those to other sites it leaves alone.</summary>
internal static partial class LinkCheck
{
    public static void Run(IReadOnlyList<Page> pages, SiteMap map, List<string> problems)
    {
        Dictionary<string, HashSet<string>> anchors = [];
        foreach (Page page in pages)
        {
            HashSet<string> ids = [];
            foreach (string id in Id().Matches(page.Body).Select(match => WebUtility.HtmlDecode(match.Groups["value"].Value)))
            {
                if (!ids.Add(id))
                    problems.Add($"{page.Source}: anchor '{id}' twice");
            }

            anchors.Add(page.Output, ids);
        }

        HashSet<string> assets = [.. map.Assets.Values];
        foreach (Page page in pages)
        {
            foreach (string url in Link().Matches(page.Body).Select(match => WebUtility.HtmlDecode(match.Groups["value"].Value)))
            {
                if (!url.Contains(':', StringComparison.Ordinal) && Problem(url, page, anchors, assets) is string problem)
                    problems.Add($"{page.Source}: link to '{url}': {problem}");
            }
        }
    }

    private static string? Problem(string url, Page page, Dictionary<string, HashSet<string>> anchors, HashSet<string> assets)
    {
        string[] parts = url.Split('#', 2);
        string path = Uri.UnescapeDataString(parts[0]);
        string target = path.Length == 0 ? page.Output : SiteMap.Combine(page.Output, path);
        if (!anchors.TryGetValue(target, out HashSet<string>? ids))
            return assets.Contains(target) ? null : "no such page";
        return parts.Length < 2 || ids.Contains(Uri.UnescapeDataString(parts[1])) ? null : "no such anchor";
    }

    [GeneratedRegex("<[^>]* id=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Id();

    [GeneratedRegex("<[^>]* (href|src)=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
