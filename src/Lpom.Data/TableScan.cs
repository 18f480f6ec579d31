using System.Globalization;

namespace Lpom.Data;

/// <summary>A first look at a table's file: its columns, and which of them is to be learnt.</summary>
public sealed class TableScan
{
    /// <summary>Room for <see cref="NameOf(int)"/>.</summary>
    internal const int LongestName = 20;

    private readonly ColumnSummary[] _columns;

    private TableScan(string path, bool hasHeader, int target, ColumnSummary[] columns)
    {
        Path = path;
        HasHeader = hasHeader;
        Target = target;
        _columns = columns;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whether the first line names the columns.</summary>
    public bool HasHeader { get; }

    /// <summary>Rows of data.</summary>
    public long Rows { get; private set; }

    /// <summary>From the left.</summary>
    public IReadOnlyList<ColumnSummary> Columns => _columns;

    /// <summary>Index of the column to be learnt.</summary>
    public int Target { get; }

    /// <summary>Reads a file, plain or .gz, from end to end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">The column to be learnt: a name of the header or a number from 1; null for the last.</param>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">Lines of different numbers of fields, text that is damaged, a file without rows, or without the column, or of thousands of columns for a few bytes each.</exception>
    public static TableScan Read(string path, string? target = null)
    {
        using SourceFile source = SourceFile.Open(path);
        source.MaxDecompressedBytes = CsvReader.MaxDecompressedBytes;
        return Read(source, target, new TableBounds(() => source.ContentLength), tellsAllNumbersApart: true);
    }

    /// <param name="source">The file.</param>
    /// <param name="target">As above.</param>
    /// <param name="bounds">Of the file.</param>
    /// <param name="tellsAllNumbersApart">Or those of the target alone.</param>
    internal static TableScan Read(SourceFile source, string? target, TableBounds bounds, bool tellsAllNumbersApart)
    {
        using var reader = new CsvRowReader(source);
        if (!reader.Read())
            throw new DataFormatException(source.Path, "has no rows.");
        if (reader.Fields < 2)
            throw reader.Error("has one field; expected inputs and, in the last column, the class, separated by ',', ';' or tab.");
        if (!bounds.HasColumns(reader.Fields))
            throw reader.Error($"has {reader.Fields} fields, in a table of {bounds.Content} bytes; expected {TableBounds.FreeColumns} at most, or {TableBounds.BytesOfColumn} bytes for each further one, which more rows give.");
        int targetColumn = FindTarget(reader, source.Path, target, out string[]? header);
        bool hasHeader = header is not null || reader.IsHeader(reader.Fields - 1, targetColumn);
        var scan = new TableScan(source.Path, hasHeader, targetColumn, Array.ConvertAll(header ?? NamesOf(reader, hasHeader), name => new ColumnSummary(name)));
        for (bool more = !hasHeader || reader.Read(); more; more = reader.Read())
            scan.AddRow(reader, bounds, tellsAllNumbersApart);
        return scan.Rows > 0 ? scan : throw new DataFormatException(source.Path, "has no rows.");
    }

    /// <summary>Whether <see cref="TellNumbersApart"/> is needed before categories are made of texts.</summary>
    internal bool HasNumbersAmongTexts => Columns.Where((_, i) => i != Target).Any(HasNumbersAmong);

    /// <summary>Tells the numbers among the texts of columns of texts apart.</summary>
    /// <param name="source">The file once more.</param>
    /// <param name="bounds">Of the file.</param>
    internal void TellNumbersApart(SourceFile source, TableBounds bounds)
    {
        int[] mixed = [.. Enumerable.Range(0, _columns.Length).Where(column => column != Target && HasNumbersAmong(_columns[column]))];
        using var reader = new CsvRowReader(source);
        bool more = reader.Read() && (!HasHeader || reader.Read());
        // Another number of fields is that of a file that changed; whoever reads its rows says so.
        for (; more && reader.Fields == _columns.Length; more = reader.Read())
        {
            foreach (int column in mixed)
            {
                if (!reader.IsMissing(column) && reader.TryFiniteNumber(column, out float number))
                    _columns[column].TellApart(number, bounds, isText: true);
            }
        }
    }

    private static bool HasNumbersAmong(ColumnSummary column) => column is { IsText: true, Numbers: > 0 };

    /// <summary>Names of the columns of the reader's line, a header or not; different ones.</summary>
    internal static string[] NamesOf(CsvRowReader reader, bool isHeader)
    {
        var names = new string[reader.Fields];
        if (!isHeader)
        {
            for (int column = 0; column < names.Length; column++)
                names[column] = NameOf(column);
            return names;
        }

        var seen = new HashSet<string>(names.Length, StringComparer.Ordinal);
        for (int column = 0; column < names.Length; column++)
        {
            string number = NameOf(column);
            string name = reader.Text(column);
            name = name.Length == 0 ? number : name;
            while (!seen.Add(name))
                name += $" ({number})";
            names[column] = name;
        }

        return names;
    }

    /// <summary>Name of a column that has none.</summary>
    internal static string NameOf(int column) => NameOf(column, stackalloc char[LongestName]).ToString();

    /// <summary>The same in a buffer of <see cref="LongestName"/>.</summary>
    internal static ReadOnlySpan<char> NameOf(int column, Span<char> buffer) =>
        buffer.TryWrite(CultureInfo.InvariantCulture, $"column {column + 1}", out int length) ? buffer[..length] : [];

    private static int FindTarget(CsvRowReader reader, string path, string? target, out string[]? header)
    {
        header = null;
        if (target is null)
            return reader.Fields - 1;
        bool isNumber = int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= reader.Fields;
        if (isNumber && !IsNameInHeader(reader, target))
            return number - 1;
        string[] names = NamesOf(reader, isHeader: true);
        int column = Array.IndexOf(names, target);
        if (column >= 0)
        {
            header = names;
            return column;
        }

        string known = string.Join(", ", names.Take(20).Select(CsvRowReader.Printable)) + (names.Length > 20 ? ", …" : "");
        throw new DataFormatException(path, $"there is no column '{CsvRowReader.Printable(target)}'{NearestName.Hint(target, names)} (its first line: {known}); expected a name of the first line, or a number from 1 to {names.Length}.");
    }

    // In a first row, which names nothing, the same number may be a value.
    private static bool IsNameInHeader(CsvRowReader reader, string text)
    {
        Span<char> buffer = stackalloc char[CsvRowReader.ShortText];
        int field = 0;
        while (field < reader.Fields && !reader.Text(field, buffer).SequenceEqual(text))
            field++;
        return field < reader.Fields && reader.IsHeader(reader.Fields - 1, field);
    }

    private void AddRow(CsvRowReader reader, TableBounds bounds, bool tellsAllNumbersApart)
    {
        if (reader.Fields != _columns.Length)
            throw reader.Error($"has {reader.Fields} fields; expected {_columns.Length}, as on the first line.");
        Rows++;
        for (int column = 0; column < _columns.Length; column++)
        {
            ColumnSummary summary = _columns[column];
            if (reader.IsMissing(column))
                summary.AddMissing();
            else if (!reader.TryFiniteNumber(column, out float number))
                AddText(reader, summary, column, bounds);
            else
            {
                summary.Add(number);
                if (tellsAllNumbersApart || column == Target)
                    summary.TellApart(number, bounds, isText: false);
            }
        }
    }

    private static void AddText(CsvRowReader reader, ColumnSummary summary, int column, TableBounds bounds)
    {
        if (reader.Field(column).Length > CsvRowReader.ShortText)
        {
            summary.AddLongText(reader, column);
            return;
        }

        Span<char> text = stackalloc char[CsvRowReader.ShortText];
        summary.AddText(reader.Text(column, text), reader, column, bounds);
    }
}
