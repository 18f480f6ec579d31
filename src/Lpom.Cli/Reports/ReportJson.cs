using System.Text.Json;

namespace Lpom.Cli.Reports;

/// <summary>A report as the page's script reads it.</summary>
internal static class ReportJson
{
    public static void Write(Utf8JsonWriter json, Report report)
    {
        json.WriteStartObject();
        json.WriteString("title", report.Title);
        json.WriteString("kind", report.Kind);
        json.WriteString("subtitle", report.Subtitle);
        Array(json, "headline", report.Headline, static (json, tile) =>
        {
            json.WriteStartObject();
            json.WriteString("label", tile.Label);
            json.WriteString("value", tile.Value);
            json.WriteEndObject();
        });
        Array(json, "charts", report.Charts, Write);
        if (report.Confusion is Confusion confusion)
            Write(json, confusion);
        Array(json, "images", report.Images, Write);
        Array(json, "tables", report.Tables, Write);
        Array(json, "facts", report.Facts, static (json, fact) => Strings(json, [fact.Name, fact.Value]));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Chart chart)
    {
        json.WriteStartObject();
        json.WriteString("title", chart.Title);
        json.WriteString("format", chart.Format switch
        {
            ChartFormat.Percent => "percent",
            ChartFormat.Log => "log",
            _ => "number",
        });
        Array(json, "axes", chart.Axes, static (json, axis) =>
        {
            json.WriteStartObject();
            json.WriteString("name", axis.Name);
            if (axis.Unit.Length > 0)
                json.WriteString("unit", axis.Unit);
            json.WriteEndObject();
        });
        Array(json, "series", chart.Series, Write);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Series series)
    {
        json.WriteStartObject();
        json.WriteString("name", series.Name);
        Array(json, "x", series.X, static (json, places) => Numbers(json, places.Select(place => (double?)place)));
        Property(json, "y", series.Y);
        Property(json, "low", series.Low);
        Property(json, "high", series.High);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Confusion confusion)
    {
        json.WriteStartObject("confusion");
        json.WritePropertyName("classes");
        Strings(json, confusion.Classes);
        Array(json, "counts", confusion.Counts, static (json, row) => Numbers(json, row.Select(count => (double?)count)));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ImageGroup group)
    {
        json.WriteStartObject();
        json.WriteString("title", group.Title);
        json.WriteString("note", group.Note);
        json.WriteBoolean("pixelated", true);
        json.WriteNumber("size", group.Size);
        Array(json, "items", group.Items, static (json, item) =>
        {
            json.WriteStartObject();
            json.WriteString("src", $"data:image/png;base64,{Convert.ToBase64String(item.Png)}");
            json.WriteString("caption", item.Caption);
            json.WriteString("detail", item.Detail);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReportTable table)
    {
        json.WriteStartObject();
        json.WriteString("title", table.Title);
        json.WritePropertyName("columns");
        Strings(json, table.Columns);
        Array(json, "rows", table.Rows, Strings);
        json.WriteBoolean("collapsed", table.IsCollapsed);
        json.WriteEndObject();
    }

    private static void Property(Utf8JsonWriter json, string name, IReadOnlyList<double?>? values)
    {
        json.WritePropertyName(name);
        if (values is null)
            json.WriteNullValue();
        else
            Numbers(json, values);
    }

    private static void Strings(Utf8JsonWriter json, IReadOnlyList<string> texts)
    {
        json.WriteStartArray();
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>In float32, which is what they were made with; null for what is not finite.</summary>
    private static void Numbers(Utf8JsonWriter json, IEnumerable<double?> values)
    {
        json.WriteStartArray();
        foreach (double? value in values)
        {
            if (value is double number && float.IsFinite((float)number))
                json.WriteNumberValue((float)number);
            else
                json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    private static void Array<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
            write(json, item);
        json.WriteEndArray();
    }
}
