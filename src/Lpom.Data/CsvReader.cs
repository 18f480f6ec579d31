namespace Lpom.Data;

/// <summary>
/// Reads a table, plain or .gz: columns of numbers and of texts, one of which, the last unless another is asked for, is to be learnt:
/// a class (an integer or a name) or a number. The first line may be a header. Lines, delimiters and headers: <see cref="CsvRowReader"/>.
/// </summary>
public static class CsvReader
{
    /// <summary>Most bytes of text that a .gz may expand to: 1 GiB.</summary>
    public const long MaxDecompressedBytes = 1L << 30;

    /// <summary>Most classes.</summary>
    public const int MaxClasses = 65_536;

    // The smallest pictures that are classified have 8×8 pixels.
    private const int LeastPixels = 64;

    /// <summary>Reads a file as one data set, divided by <see cref="StratifiedSplit"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="request">What is asked of it; null: the classes or numbers of the last column.</param>
    /// <remarks>
    /// Columns of text become an input for each of their texts; a missing number is taken for the mean of the training part. Numbers are
    /// standardised, each column by its mean and deviation over the training part; but pixels (whole numbers of 0 to 255 in 64 columns or
    /// more, none missing) are divided by the largest of the training part.
    /// </remarks>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">A bad or not finite number, a line with another number of fields, an empty file, a target that is no class and no number, more columns or classes than a file of its size may have: with line and column.</exception>
    public static Dataset Read(string path, DataRequest? request = null) =>
        Read(() => SourceFile.Open(path), NameOf(path), request ?? new DataRequest());

    /// <param name="open">Opens the file, which is read twice or more.</param>
    /// <param name="name">Of the data set.</param>
    /// <param name="request">What is asked of it.</param>
    /// <param name="maxDecompressedBytes">Most bytes of text that a .gz may expand to.</param>
    internal static Dataset Read(Func<SourceFile> open, string name, DataRequest request, long maxDecompressedBytes = MaxDecompressedBytes)
    {
        SourceFile Open()
        {
            SourceFile source = open();
            source.MaxDecompressedBytes = maxDecompressedBytes;
            return source;
        }

        var bounds = new TableBounds(() => ContentLength(Open), request.Inputs ?? 0);
        TableScan? scan = request.Columns is null ? Scan(Open, request.Target, bounds) : null;
        var columnNotes = new ColumnNotes();
        TableSchema schema = request.Columns ?? ColumnChoice.Choose(scan!, columnNotes);
        CsvTable table = ReadTable(Open, schema, scan, request, bounds);
        RowStorage rows = schema.HasNumbersAlone ? new FloatRows(table.Cells, schema.Features) : new TableRows(table.Cells, schema);
        Dataset raw = Dataset.DividedByRule(name, rows, table.Targets, Preprocessing.Identity, shape: null);
        if (scan is null)
            return raw.WithTable(schema, []);
        List<string> notes = [.. columnNotes.Texts];
        if (request.Kind is null && table.Targets.Kind == TargetKind.Numbers)
            notes.Add($"the target '{CsvRowReader.Printable(schema.Target)}' is taken for a number, not a class: it has {(scan.Columns[scan.Target].HasMore ? "more than " : "")}{scan.Columns[scan.Target].Different} different values");
        schema = Fill(table, raw);
        raw = raw.WithTable(IsPlain(scan) ? null : schema, notes);
        return ArePixels(scan) ? raw.WithUnitRange() : raw.WithStandardised(schema);
    }

    internal static string NameOf(string path)
    {
        string name = Path.GetFileName(path);
        name = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        return Path.GetFileNameWithoutExtension(name);
    }

    private static long ContentLength(Func<SourceFile> open)
    {
        using SourceFile source = open();
        return source.ContentLength;
    }

    private static TableScan Scan(Func<SourceFile> open, string? target, TableBounds bounds)
    {
        TableScan scan;
        using (SourceFile source = open())
            scan = TableScan.Read(source, target, bounds, tellsAllNumbersApart: false);
        if (!scan.HasNumbersAmongTexts)
            return scan;
        using (SourceFile again = open())
            scan.TellNumbersApart(again, bounds);
        return scan;
    }

    private static CsvTable ReadTable(Func<SourceFile> open, TableSchema schema, TableScan? scan, DataRequest request, TableBounds bounds)
    {
        using SourceFile source = open();
        bool hasTextTarget = scan is null ? request.ClassNames is not null : scan.Columns[scan.Target].Texts > 0 && request.Kind != TargetKind.Numbers;
        return CsvTable.Read(source, schema, scan, request, hasTextTarget, bounds);
    }

    /// <summary>Takes missing numbers for the mean of the training rows.</summary>
    /// <returns>The columns, which know it.</returns>
    private static TableSchema Fill(CsvTable table, Dataset raw)
    {
        var columns = new TableColumn[table.Schema.Columns.Count];
        int at = 0;
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = table.Schema.Columns[i];
            if (columns[i].Role == ColumnRole.Number)
                columns[i] = columns[i] with { Fill = Fill(table.Cells, table.Schema.Cells, at, raw.Train) };
            at += columns[i].Width > 0 ? 1 : 0;
        }

        return new TableSchema(columns);
    }

    private static float Fill(float[] values, int cells, int column, DataView train)
    {
        double sum = 0;
        int count = 0;
        for (int row = 0; row < train.Rows; row++)
        {
            float value = values[(train.StorageRow(row) * cells) + column];
            if (float.IsNaN(value))
                continue;
            sum += value;
            count++;
        }

        float fill = count == 0 ? 0 : (float)(sum / count);
        for (int at = column; at < values.Length; at += cells)
            values[at] = float.IsNaN(values[at]) ? fill : values[at];
        return fill;
    }

    /// <summary>Whether rows of numbers alone, in the file's order, say all: a model needs no columns then.</summary>
    private static bool IsPlain(TableScan scan) =>
        !scan.HasHeader && scan.Target == scan.Columns.Count - 1 && Inputs(scan).All(column => column.Missing == 0 && column.Texts == 0);

    private static bool ArePixels(TableScan scan) =>
        scan.Columns.Count > LeastPixels && Inputs(scan).All(column => column is { Missing: 0, Texts: 0, IsWhole: true, Least: >= 0, Most: <= byte.MaxValue });

    private static IEnumerable<ColumnSummary> Inputs(TableScan scan) => scan.Columns.Where((_, i) => i != scan.Target);
}
