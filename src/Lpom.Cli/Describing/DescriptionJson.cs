using System.Text.Json;
using Lpom.Data;

namespace Lpom.Cli.Describing;

/// <summary>A description as one JSON object.</summary>
internal static class DescriptionJson
{
    public static void Write(Utf8JsonWriter json, DataDescription description)
    {
        Dataset data = description.Data;
        json.WriteString("name", data.Name);
        json.WriteNumber("rows", data.All.Rows);
        json.WriteNumber("inputs", data.Features);
        json.WriteNumber("trainRows", data.Train.Rows);
        json.WriteNumber("testRows", data.Test.Rows);
        json.WriteString("split", data.SplitRule);
        WriteImage(json, data.Shape);
        WriteArray(json, "classes", description.Classes, WriteClass);
        WriteArray(json, "numbers", description.Numbers, WriteNumber);
        WriteArray(json, "columns", description.Columns, WriteColumn);
        json.WriteStartArray("preview");
        foreach (string[] row in description.Preview)
            WriteRow(json, row);
        json.WriteEndArray();
        json.WriteStartArray("notes");
        foreach (string note in data.Notes)
            json.WriteStringValue(note);
        json.WriteEndArray();
        json.WriteString("task", data.Targets == TargetKind.Numbers ? "regress" : "classify");
        json.WriteString("layers", description.Layers);
        json.WriteNumber("epochs", description.Epochs);
        json.WriteString("command", description.TrainCommand);
    }

    private static void WriteImage(Utf8JsonWriter json, ImageShape? shape)
    {
        if (shape is not ImageShape image)
        {
            json.WriteNull("image");
            return;
        }

        json.WriteStartObject("image");
        json.WriteNumber("channels", image.Channels);
        json.WriteNumber("width", image.Width);
        json.WriteNumber("height", image.Height);
        json.WriteEndObject();
    }

    private static void WriteClass(Utf8JsonWriter json, ClassRows rows)
    {
        json.WriteString("name", rows.Name);
        json.WriteNumber("rows", rows.Rows);
        json.WriteNumber("trainRows", rows.Train);
        json.WriteNumber("testRows", rows.Test);
    }

    private static void WriteNumber(Utf8JsonWriter json, NumberRange number)
    {
        json.WriteString("name", number.Name);
        json.WriteNumber("least", number.Least);
        json.WriteNumber("mean", number.Mean);
        json.WriteNumber("most", number.Most);
    }

    private static void WriteColumn(Utf8JsonWriter json, ColumnDescription column)
    {
        ColumnSummary summary = column.Summary;
        json.WriteString("name", summary.Name);
        json.WriteString("role", column.Role.ToString().ToLowerInvariant());
        json.WriteNumber("missing", summary.Missing);
        json.WriteNumber("different", summary.Different);
        json.WriteBoolean("hasMoreDifferent", summary.HasMore);
        if (summary.Numbers > 0)
        {
            json.WriteNumber("least", summary.Least);
            json.WriteNumber("mean", summary.Mean);
            json.WriteNumber("most", summary.Most);
        }

        WriteArray(json, "mostFrequent", column.Texts, static (json, text) =>
        {
            json.WriteString("text", text.Key);
            json.WriteNumber("rows", text.Value);
        });
    }

    private static void WriteRow(Utf8JsonWriter json, string[] row)
    {
        json.WriteStartArray();
        foreach (string cell in row)
            json.WriteStringValue(cell);
        json.WriteEndArray();
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
