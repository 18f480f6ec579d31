using System.Text;
using static System.Net.WebUtility;

namespace Lpom.Docs.Pages;

/// <summary>A page of a source file or a folder that a page links to, so that links work where there is no repository.</summary>
internal static class SourcePage
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Page Of(SiteMap map, string path)
    {
        string body = Directory.Exists(map.Full(path)) ? Folder(map, path) : $"<pre><code>{HtmlEncode(Text(map.Full(path)))}</code></pre>";
        return new Page(path, SiteMap.SourceOutput(path), path, $"<h1 class=\"path\">{HtmlEncode(path)}</h1>\n{body}");
    }

    private static string Folder(SiteMap map, string path)
    {
        var list = new StringBuilder("<ul>\n");
        var folder = new DirectoryInfo(map.Full(path));
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos().Where(IsSource).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            string target = map.Resolve($"{path}/{entry.Name}")!;
            list.Append("<li><a href=\"").Append(HtmlEncode(Page.Relative(SiteMap.SourceOutput(path), target))).Append("\">").Append(HtmlEncode(entry.Name)).Append("</a></li>\n");
        }

        return list.Append("</ul>").ToString();
    }

    private static bool IsSource(FileSystemInfo entry) => entry.Name is not ("bin" or "obj") && !entry.Name.StartsWith("packages.", StringComparison.Ordinal) && !entry.Name.StartsWith('.');

    private static string Text(string path)
    {
        try
        {
            string text = File.ReadAllText(path, Strict);
            return text.Contains('\0', StringComparison.Ordinal) ? Binary(path) : text;
        }
        catch (DecoderFallbackException)
        {
            return Binary(path);
        }
    }

    private static string Binary(string path) => $"{new FileInfo(path).Length} bytes that are no text";
}
