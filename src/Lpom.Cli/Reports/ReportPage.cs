using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Lpom.Cli.Reports;

/// <summary>Makes one self-contained HTML file of a report: style, script, chart library and the figures as JSON, with nothing to fetch.</summary>
internal static class ReportPage
{
    private const string Open = "{{", Close = "}}";

    /// <summary>Writes the page, UTF-8.</summary>
    public static void Write(Stream stream, Report report)
    {
        using var page = new StreamWriter(stream, leaveOpen: true);
        // In one pass: what is filled in may hold a placeholder's text.
        ReadOnlySpan<char> left = Asset("report.html");
        while (left.IndexOf(Open) is >= 0 and int start)
        {
            int end = left.IndexOf(Close);
            page.Write(left[..start]);
            page.Write(Content(left[(start + Open.Length)..end], report));
            left = left[(end + Close.Length)..];
        }

        page.Write(left);
    }

    private static string Content(ReadOnlySpan<char> placeholder, Report report) => placeholder switch
    {
        "title" => WebUtility.HtmlEncode(report.Title),
        "style" => Asset("uPlot.min.css") + Asset("report.css"),
        "uplot" => Asset("uPlot.iife.min.js"),
        "script" => Asset("report.js"),
        "data" => Json(report),
        _ => throw new InvalidOperationException($"The page has an unknown placeholder '{placeholder}'."),
    };

    // The default encoder escapes '<', which would end the script.
    private static string Json(Report report)
    {
        var text = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(text);
        ReportJson.Write(json, report);
        json.Flush();
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static string Asset(string name)
    {
        using Stream stream = typeof(ReportPage).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The program lacks its resource {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
