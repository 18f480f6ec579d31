using System.Text.Json;

namespace Lpom.Cli.Tests.Support;

/// <summary>What a report's page shows, as its script reads it.</summary>
public static class ReportFile
{
    private const string Start = "<script type=\"application/json\" id=\"report-data\">";

    public static JsonElement Read(string file)
    {
        string page = File.ReadAllText(file);
        int from = page.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return JsonDocument.Parse(page[from..page.IndexOf("</script>", from, StringComparison.Ordinal)]).RootElement;
    }

    /// <summary>Name and values of every curve of every chart.</summary>
    public static string[] Curves(string file) =>
        [.. Read(file).GetProperty("charts").EnumerateArray().SelectMany(chart => chart.GetProperty("series").EnumerateArray())
            .Select(series => $"{series.GetProperty("name")}: {series.GetProperty("y")}")];
}
