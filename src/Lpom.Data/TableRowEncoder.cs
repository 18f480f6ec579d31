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
        bool hasHeader = IsHeader(reader, schema);
        return new(reader, schema, hasHeader ? PlacesByName(reader, schema) : PlacesInOrder(reader, schema), hasHeader);
    }

    /// <summary>The encoder of the very file that the columns were chosen by.</summary>
    internal static TableRowEncoder OfScanned(CsvRowReader reader, TableSchema schema, bool hasHeader) =>
        new(reader, schema, PlacesInOrder(reader, schema), hasHeader);

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
        // An empty cell is no name: that of a row without is what a column of a file without a header is called.
        int[] found = Array.ConvertAll(PlacesOfNames(reader, schema), place => place >= 0 && reader.Field(place).Length == 0 ? -1 : place);
        if (found.Any(place => place >= 0 && !reader.IsNumber(place)))
            return true;
        int[] named = [.. Enumerable.Range(0, found.Length).Where(i => schema.Columns[i].Name != TableScan.NameOf(i))];
        int[] places = [.. named.Select(i => found[i]).Where(place => place >= 0)];
        bool mayLack = reader.Fields != schema.Columns.Count;
        return places.Length > 0 && places.SequenceEqual(places.Order()) && named.All(i => (mayLack && schema.Columns[i].Width == 0) || found[i] >= 0);
    }

    private static int[] PlacesByName(CsvRowReader reader, TableSchema schema)
    {
        int[] places = PlacesOfNames(reader, schema);
        for (int i = 0; i < places.Length; i++)
        {
            TableColumn column = schema.Columns[i];
            if (places[i] < 0 && column.Width > 0)
                throw reader.Error($"there is no column '{CsvRowReader.Printable(column.Name)}'; expected those of the training data: {Names(schema)}.");
        }

        return places;
    }

    /// <summary>The field that has each column's name, as <see cref="TableScan.NamesOf"/> tells those of one name apart; −1 for none.</summary>
    private static int[] PlacesOfNames(CsvRowReader reader, TableSchema schema)
    {
        var columns = new Dictionary<string, int>(schema.Columns.Count, StringComparer.Ordinal);
        for (int i = 0; i < schema.Columns.Count; i++)
            columns.Add(schema.Columns[i].Name, i);
        int[] places = new int[schema.Columns.Count];
        Array.Fill(places, -1);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> columnOf = columns.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> text = stackalloc char[CsvRowReader.ShortText], number = stackalloc char[TableScan.LongestName], both = stackalloc char[CsvRowReader.ShortText];
        for (int field = 0; field < reader.Fields; field++)
        {
            ReadOnlySpan<char> name = reader.Text(field, text), ownName = TableScan.NameOf(field, number);
            name = name.IsEmpty ? ownName : name;
            int column;
            while (columnOf.TryGetValue(name, out column) && places[column] >= 0)
                name = Numbered(name, ownName, both);
            if (columnOf.ContainsKey(name))
                places[column] = field;
        }

        return places;
    }

    // What a name is called that another column has already, in the buffer, whose start the name may be, where that has room for it.
    private static ReadOnlySpan<char> Numbered(ReadOnlySpan<char> name, ReadOnlySpan<char> number, Span<char> buffer) =>
        buffer.TryWrite($"{name} ({number})", out int length) ? buffer[..length] : $"{name} ({number})";

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

    private readonly struct Column(TableColumn column, int place)
    {
        public int Width => column.Width;

        public float Cell(CsvRowReader reader)
        {
            bool isNumber = column.Role == ColumnRole.Number;
            if (reader.IsMissing(place))
                return isNumber ? column.Fill : TableSchema.NoCategory;
            return isNumber ? reader.Number(place) : CategoryOf(reader);
        }

        private int CategoryOf(CsvRowReader reader)
        {
            Span<char> text = stackalloc char[CsvRowReader.ShortText];
            if (reader.TryFiniteNumber(place, out float number))
            {
                Unsigned(number).TryFormat(text, out int written, "R", CultureInfo.InvariantCulture);
                int numbered = column.IndexOfCategory(text[..written]);
                if (numbered >= 0)
                    return numbered;
            }

            int category = column.IndexOfCategory(reader.Text(place, text));
            if (category >= 0)
                return category;
            string known = string.Join(", ", column.Categories.Take(10).Select(CsvRowReader.Printable)) + (column.Categories.Count > 10 ? ", …" : "");
            throw reader.Error(place, string.Create(CultureInfo.InvariantCulture, $"'{CsvRowReader.Printable(reader.Field(place))}' is unknown in '{CsvRowReader.Printable(column.Name)}'; expected one of {column.Categories.Count}: {known}."));
        }
    }
}
