using System.Globalization;

namespace Lpom.Data;

/// <summary>Makes a row of numbers of each line of a table. Allocates nothing per row.</summary>
/// <remarks>
/// Columns are found by name when the file has a header, in any order and among others; else they are those of the training file in their
/// order, with the target or without.
/// </remarks>
public sealed class TableRowEncoder
{
    private readonly CsvRowReader _reader;
    private readonly TableSchema _schema;
    private readonly Column[] _columns;
    private readonly float[] _cells;
    private readonly int _fields;

    private TableRowEncoder(CsvRowReader reader, TableSchema schema, int[] places, bool hasHeader)
    {
        (_reader, _schema) = (reader, schema);
        _cells = new float[schema.Cells];
        _fields = reader.Fields;
        HasHeader = hasHeader;
        Target = places[IndexOfTarget(schema)];
        _columns = [.. schema.Columns.Select((column, i) => new Column(column, places[i])).Where(column => column.Width > 0)];
    }

    /// <summary>Whether the line that the encoder was made at names the columns.</summary>
    public bool HasHeader { get; }

    /// <summary>Number of inputs of a row.</summary>
    public int Features => _schema.Features;

    /// <summary>Index of the target's field; −1 when the file is without.</summary>
    public int Target { get; }

    /// <summary>A number among a column's texts, in one form for all ways to write it.</summary>
    internal static string CategoryOf(float number) => Unsigned(number).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Finds the columns.</summary>
    /// <param name="reader">At its first line.</param>
    /// <param name="schema">The columns to find.</param>
    /// <exception cref="DataFormatException">A column is missing, or there are too few or too many.</exception>
    public static TableRowEncoder Create(CsvRowReader reader, TableSchema schema)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(schema);
        return Create(reader, schema, IsHeader(reader, schema));
    }

    /// <summary>The same where it is known whether the first line names the columns.</summary>
    internal static TableRowEncoder Create(CsvRowReader reader, TableSchema schema, bool hasHeader) =>
        new(reader, schema, hasHeader ? PlacesByName(reader, schema) : PlacesInOrder(reader, schema), hasHeader);

    /// <summary>Encodes the reader's line.</summary>
    /// <param name="row">[Features], overwritten.</param>
    /// <exception cref="DataFormatException">Another number of fields, a bad number or an unknown category; the message gives line and column.</exception>
    public void Encode(Span<float> row)
    {
        EncodeCells(_cells);
        _schema.Expand(_cells, row);
    }

    /// <summary>The same of the row's cells alone, which <see cref="TableSchema.Expand"/> makes inputs of.</summary>
    /// <param name="cells">[<see cref="TableSchema.Cells"/>], overwritten.</param>
    /// <exception cref="DataFormatException">As above.</exception>
    internal void EncodeCells(Span<float> cells)
    {
        if (_reader.Fields != _fields)
            throw _reader.Error($"has {_reader.Fields} fields; expected {_fields}, as on the first line.");
        for (int i = 0; i < _columns.Length; i++)
            cells[i] = _columns[i].Cell(_reader);
    }

    private static bool IsHeader(CsvRowReader reader, TableSchema schema)
    {
        if (HasNames(reader, schema))
            return true;
        // Of categories alone, a row looks like a header.
        bool hasNumbers = schema.Columns.Any(column => column.Role == ColumnRole.Number);
        bool hasTarget = reader.Fields == schema.Columns.Count;
        return hasNumbers && reader.IsHeader(hasTarget ? reader.Fields - 1 : reader.Fields, hasTarget ? IndexOfTarget(schema) : reader.Fields);
    }

    // A line with one of the names is a header, whatever the other columns are called; but names that are numbers may be values of a row:
    // only all of them in their order are a header.
    private static bool HasNames(CsvRowReader reader, TableSchema schema)
    {
        Dictionary<string, int> found = PlacesOfNames(reader);
        // An empty cell is no name: that of a row without is what a column of a file without a header is called.
        foreach ((string name, int place) in found)
        {
            if (reader.Field(place).Length == 0)
                found.Remove(name);
        }

        if (schema.Columns.Any(column => found.TryGetValue(column.Name, out int place) && !reader.IsNumber(place)))
            return true;
        TableColumn[] named = [.. schema.Columns.Where((column, i) => column.Name != TableScan.NameOf(i))];
        int[] places = [.. named.Where(column => found.ContainsKey(column.Name)).Select(column => found[column.Name])];
        bool mayLack = reader.Fields != schema.Columns.Count;
        return places.Length > 0 && places.SequenceEqual(places.Order()) && named.All(column => (mayLack && column.Width == 0) || found.ContainsKey(column.Name));
    }

    private static int[] PlacesByName(CsvRowReader reader, TableSchema schema)
    {
        Dictionary<string, int> found = PlacesOfNames(reader);
        int[] places = [.. schema.Columns.Select(column => found.GetValueOrDefault(column.Name, -1))];
        for (int i = 0; i < places.Length; i++)
        {
            TableColumn column = schema.Columns[i];
            if (places[i] < 0 && column.Width > 0)
                throw reader.Error($"there is no column '{CsvRowReader.Printable(column.Name)}'; expected those of the training data: {Names(schema)}.");
        }

        return places;
    }

    private static Dictionary<string, int> PlacesOfNames(CsvRowReader reader)
    {
        string[] names = TableScan.NamesOf(reader, isHeader: true);
        var places = new Dictionary<string, int>(names.Length, StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
            places.Add(names[i], i);
        return places;
    }

    private static int[] PlacesInOrder(CsvRowReader reader, TableSchema schema)
    {
        int target = IndexOfTarget(schema);
        if (reader.Fields == schema.Columns.Count)
            return [.. Enumerable.Range(0, reader.Fields)];
        if (reader.Fields == schema.Columns.Count - 1)
            return [.. Enumerable.Range(0, schema.Columns.Count).Select(i => i < target ? i : i == target ? -1 : i - 1)];
        throw reader.Error($"has {reader.Fields} fields; expected the {schema.Columns.Count} columns of the training data, or all but the target: {Names(schema)}.");
    }

    /// <summary>Zero has one form, too.</summary>
    private static float Unsigned(float number) => number == 0 ? 0 : number;

    private static int IndexOfTarget(TableSchema schema)
    {
        int i = 0;
        while (schema.Columns[i].Role != ColumnRole.Target)
            i++;
        return i;
    }

    private static string Names(TableSchema schema)
    {
        const int most = 12;
        IEnumerable<TableColumn> columns = schema.Columns.Where(column => column.Role != ColumnRole.Ignored);
        return string.Join(", ", columns.Take(most).Select(column => CsvRowReader.Printable(column.Name))) + (schema.Columns.Count > most ? ", …" : "");
    }

    private sealed class Column
    {
        private static readonly Dictionary<string, int> NoCategories = new(StringComparer.Ordinal);

        private readonly TableColumn _column;
        private readonly int _place;
        private readonly Dictionary<string, int> _categories;

        public Column(TableColumn column, int place)
        {
            (_column, _place) = (column, place);
            _categories = column.Categories.Count == 0 ? NoCategories : new Dictionary<string, int>(StringComparer.Ordinal);
            for (int i = 0; i < column.Categories.Count; i++)
                _categories[column.Categories[i]] = i;
        }

        public int Width => _column.Width;

        public float Cell(CsvRowReader reader)
        {
            bool isNumber = _column.Role == ColumnRole.Number;
            if (reader.IsMissing(_place))
                return isNumber ? _column.Fill : TableSchema.NoCategory;
            return isNumber ? reader.Number(_place) : CategoryOf(reader);
        }

        private int CategoryOf(CsvRowReader reader)
        {
            Span<char> text = stackalloc char[CsvRowReader.ShortText];
            Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> categories = _categories.GetAlternateLookup<ReadOnlySpan<char>>();
            if (reader.TryFiniteNumber(_place, out float number))
            {
                Unsigned(number).TryFormat(text, out int written, "R", CultureInfo.InvariantCulture);
                if (categories.TryGetValue(text[..written], out int numbered))
                    return numbered;
            }

            if (categories.TryGetValue(reader.Text(_place, text), out int category))
                return category;
            string known = string.Join(", ", _column.Categories.Take(10).Select(CsvRowReader.Printable)) + (_column.Categories.Count > 10 ? ", …" : "");
            throw reader.Error(_place, string.Create(CultureInfo.InvariantCulture, $"'{CsvRowReader.Printable(reader.Field(_place))}' is unknown in '{CsvRowReader.Printable(_column.Name)}'; expected one of {_column.Categories.Count}: {known}."));
        }
    }
}
