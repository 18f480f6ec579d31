using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lpom.Simd.Model;

namespace Lpom.Data;

/// <summary>What becomes of a table's column.</summary>
public enum ColumnRole
{
    /// <summary>A number, one input.</summary>
    Number,

    /// <summary>A text of a few, an input for each: 1 for the row's own, 0 for the others.</summary>
    Category,

    /// <summary>What is to be learnt.</summary>
    Target,

    /// <summary>Nothing.</summary>
    Ignored,
}

/// <summary>A column of a table.</summary>
/// <param name="Name">From the header, or <c>column 3</c>.</param>
/// <param name="Role">What becomes of it.</param>
/// <param name="Fill">What a missing number is taken for: the mean of the training rows; NaN when that is not known yet.</param>
/// <param name="Categories">Of a category, in ordinal order; else empty.</param>
public sealed record TableColumn(string Name, ColumnRole Role, float Fill, IReadOnlyList<string> Categories)
{
    /// <summary>Inputs that it makes.</summary>
    public int Width => Role switch
    {
        ColumnRole.Number => 1,
        ColumnRole.Category => Categories.Count,
        _ => 0,
    };

    /// <summary>The place of a text among the categories; negative for none of them.</summary>
    internal int IndexOfCategory(ReadOnlySpan<char> text) => OrdinalOrder.IndexOf(Categories, static category => category, text);
}

/// <summary>How the rows of a table, numbers and texts, become rows of numbers. Stored in a model's metadata. Immutable.</summary>
public sealed class TableSchema
{
    private const string ColumnsKey = "columns", NameKey = "name", FillKey = "fill", CategoriesKey = "categories", TargetKey = "target", IgnoredKey = "ignored";

    /// <summary>The cell of a category's column that is empty.</summary>
    internal const float NoCategory = -1;

    // A cell holds the index as a float.
    private const int MostCategories = 1 << 24;

    // Of the columns that make inputs: how many texts; 0 for a number.
    private readonly int[] _texts;

    internal TableSchema(IReadOnlyList<TableColumn> columns)
    {
        Columns = columns;
        Features = columns.Sum(column => column.Width);
        _texts = [.. columns.Where(column => column.Width > 0).Select(column => column.Categories.Count)];
    }

    /// <summary>In the order of the training file.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>Number of inputs of a row.</summary>
    public int Features { get; }

    /// <summary>Cells of a row that make inputs, one a column: a number, or the index of a category.</summary>
    internal int Cells => _texts.Length;

    /// <summary>Whether cells are the inputs.</summary>
    internal bool HasNumbersAlone => !_texts.AsSpan().ContainsAnyExcept(0);

    /// <summary>The name of the column that is learnt.</summary>
    public string Target => Columns.First(column => column.Role == ColumnRole.Target).Name;

    /// <summary>What <see cref="Of"/> reads.</summary>
    public KeyValuePair<string, string> Metadata
    {
        get
        {
            var text = new ArrayBufferWriter<byte>();
            using var json = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            json.WriteStartArray();
            foreach (TableColumn column in Columns)
                Write(json, column);
            json.WriteEndArray();
            json.Flush();
            return new(ColumnsKey, Encoding.UTF8.GetString(text.WrittenSpan));
        }
    }

    /// <summary>The columns of a model's rows, by its metadata; null when that does not say.</summary>
    /// <exception cref="ModelFormatException">The metadata's value is not what it should be.</exception>
    public static TableSchema? Of(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!network.Metadata.TryGetValue(ColumnsKey, out string? text))
            return null;
        TableSchema schema = Parse(text);
        if (schema.Features != network.Inputs)
            throw new ModelFormatException($"metadata '{ColumnsKey}' makes {schema.Features} inputs, the network takes {network.Inputs}");
        return schema;
    }

    /// <summary>The inputs of a row.</summary>
    /// <param name="cells">[Cells].</param>
    /// <param name="row">[Features], overwritten.</param>
    internal void Expand(ReadOnlySpan<float> cells, Span<float> row)
    {
        int at = 0;
        for (int i = 0; i < _texts.Length; i++)
        {
            if (_texts[i] == 0)
            {
                row[at++] = cells[i];
                continue;
            }

            Span<float> inputs = row.Slice(at, _texts[i]);
            inputs.Clear();
            if (cells[i] >= 0)
                inputs[(int)cells[i]] = 1;
            at += inputs.Length;
        }
    }

    private static TableSchema Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            TableColumn[] columns = [.. document.RootElement.EnumerateArray().Select(Read)];
            if (columns.Count(column => column.Role == ColumnRole.Target) == 1 && columns.DistinctBy(column => column.Name).Count() == columns.Length)
                return new TableSchema(columns);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ModelFormatException($"metadata '{ColumnsKey}' is not an array of columns in JSON", e);
        }

        throw new ModelFormatException($"metadata '{ColumnsKey}' has not one target and columns of different names");
    }

    private static void Write(Utf8JsonWriter json, TableColumn column)
    {
        json.WriteStartObject();
        json.WriteString(NameKey, column.Name);
        if (column.Role == ColumnRole.Number)
            json.WriteNumber(FillKey, column.Fill);
        if (column.Role == ColumnRole.Category)
        {
            json.WriteStartArray(CategoriesKey);
            foreach (string category in column.Categories)
                json.WriteStringValue(category);
            json.WriteEndArray();
        }

        if (column.Role is ColumnRole.Target or ColumnRole.Ignored)
            json.WriteBoolean(column.Role == ColumnRole.Target ? TargetKey : IgnoredKey, true);
        json.WriteEndObject();
    }

    private static TableColumn Read(JsonElement json)
    {
        string name = json.GetProperty(NameKey).GetString() ?? throw new FormatException();
        if (json.TryGetProperty(FillKey, out JsonElement fill) && float.IsFinite(fill.GetSingle()))
            return new TableColumn(name, ColumnRole.Number, fill.GetSingle(), []);
        if (json.TryGetProperty(CategoriesKey, out JsonElement categories))
            return new TableColumn(name, ColumnRole.Category, 0, ReadCategories(categories));
        ColumnRole role = json.TryGetProperty(TargetKey, out _) ? ColumnRole.Target : ColumnRole.Ignored;
        return role == ColumnRole.Target || json.TryGetProperty(IgnoredKey, out _) ? new TableColumn(name, role, 0, []) : throw new FormatException();
    }

    private static string[] ReadCategories(JsonElement json)
    {
        string[] categories = json.GetArrayLength() <= MostCategories ? [.. json.EnumerateArray().Select(c => c.GetString() ?? throw new FormatException())] : throw new FormatException();
        for (int i = 1; i < categories.Length; i++)
        {
            if (string.CompareOrdinal(categories[i - 1], categories[i]) >= 0)
                throw new ModelFormatException($"metadata '{ColumnsKey}' has categories that are not different texts in ordinal order");
        }

        return categories;
    }
}
