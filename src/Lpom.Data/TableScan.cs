using System.Globalization;

namespace Lpom.Data;

/// <summary>A first look at a table's file: its columns, and which of them is to be learnt.</summary>
public sealed class TableScan
{
    private TableScan(string path, bool hasHeader, long rows, ColumnSummary[] columns, int target)
    {
        Path = path;
        HasHeader = hasHeader;
        Rows = rows;
        Columns = columns;
        Target = target;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whether the first line names the columns.</summary>
    public bool HasHeader { get; }

    /// <summary>Rows of data.</summary>
    public long Rows { get; }

    /// <summary>From the left.</summary>
    public IReadOnlyList<ColumnSummary> Columns { get; }

    /// <summary>Index of the column to be learnt.</summary>
    public int Target { get; }

    /// <summary>Reads a file, plain or .gz, from end to end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">The column to be learnt: a name of the header or a number from 1; null for the last.</param>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">Lines of different numbers of fields, text that is damaged, a file without rows, or without the column.</exception>
    public static TableScan Read(string path, string? target = null)
    {
        using SourceFile source = SourceFile.Open(path);
        source.MaxDecompressedBytes = CsvReader.MaxDecompressedBytes;
        return Read(source, target);
    }

    /// <param name="source">The file.</param>
    /// <param name="target">As above.</param>
    internal static TableScan Read(SourceFile source, string? target)
    {
        var reader = new CsvRowReader(source);
        if (!reader.Read())
            throw new DataFormatException(source.Path, "has no rows.");
        if (reader.Fields < 2)
            throw reader.Error("has one field; expected inputs and, in the last column, the class, separated by ',', ';' or tab.");
        int targetColumn = FindTarget(reader, source.Path, target, out bool isNamed);
        bool hasHeader = isNamed || reader.IsHeader(reader.Fields - 1, targetColumn);
        string[] names = NamesOf(reader, hasHeader);
        ColumnSummary[] columns = Array.ConvertAll(names, name => new ColumnSummary(name));
        long rows = 0;
        for (bool more = !hasHeader || reader.Read(); more; more = reader.Read())
        {
            AddRow(reader, columns);
            rows++;
        }

        return rows > 0
            ? new TableScan(source.Path, hasHeader, rows, columns, targetColumn)
            : throw new DataFormatException(source.Path, "has no rows.");
    }

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

        var seen = new HashSet<string>(StringComparer.Ordinal);
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
    internal static string NameOf(int column) => string.Create(CultureInfo.InvariantCulture, $"column {column + 1}");

    private static int FindTarget(CsvRowReader reader, string path, string? target, out bool isNamed)
    {
        isNamed = false;
        if (target is null)
            return reader.Fields - 1;
        string[] names = NamesOf(reader, isHeader: true);
        int column = Array.IndexOf(names, target);
        isNamed = column >= 0;
        if (isNamed)
            return column;
        if (int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= names.Length)
            return number - 1;
        string known = string.Join(", ", names.Take(20).Select(CsvRowReader.Printable)) + (names.Length > 20 ? ", …" : "");
        throw new DataFormatException(path, $"there is no column '{CsvRowReader.Printable(target)}'{NearestName.Hint(target, names)} (its first line: {known}); expected a name of the first line, or a number from 1 to {names.Length}.");
    }

    private static void AddRow(CsvRowReader reader, ColumnSummary[] columns)
    {
        if (reader.Fields != columns.Length)
            throw reader.Error($"has {reader.Fields} fields; expected {columns.Length}, as on the first line.");
        for (int column = 0; column < columns.Length; column++)
        {
            if (reader.IsMissing(column))
                columns[column].AddMissing();
            else if (reader.TryFiniteNumber(column, out float number))
                columns[column].Add(number);
            else
                AddText(reader, columns[column], column);
        }
    }

    private static void AddText(CsvRowReader reader, ColumnSummary summary, int column)
    {
        Span<char> text = stackalloc char[CsvRowReader.ShortText];
        summary.AddText(reader.Text(column, text), reader, column);
    }
}
