namespace Lpom.Data;

/// <summary>Chooses what each column of a table becomes.</summary>
/// <remarks>
/// A column is a category when most of it is text; then at most <see cref="MostCategories"/> texts, which rows share, are made inputs of,
/// and a column of more (names, sentences) is ignored, as is one with nothing in it. All else is a number.
/// </remarks>
internal static class ColumnChoice
{
    /// <summary>Most texts of a category.</summary>
    public const int MostCategories = 100;

    // Below so many, texts may be as many as half the rows and more.
    private const int FewTexts = 10;

    /// <param name="scan">The table.</param>
    /// <param name="notes">Told of what a user should know.</param>
    /// <exception cref="DataFormatException">A text in a column of numbers, or no input.</exception>
    public static TableSchema Choose(TableScan scan, ColumnNotes notes)
    {
        TableColumn[] columns = [.. scan.Columns.Select((column, i) => i == scan.Target ? Of(column, ColumnRole.Target) : Choose(scan, i, notes))];
        var schema = new TableSchema(columns);
        if (schema.Features > 0)
            return schema;
        string reason = scan.Columns.Any(column => column.IsCutShort) ? $", as far as they are told apart in a table of {scan.Rows} rows and {scan.Columns.Count} columns" : "";
        throw new DataFormatException(scan.Path, $"no column but the target '{CsvRowReader.Printable(schema.Target)}' has numbers, or a few texts, to learn from{reason}.");
    }

    private static TableColumn Choose(TableScan scan, int index, ColumnNotes notes)
    {
        ColumnSummary column = scan.Columns[index];
        if (column.Cells == 0)
        {
            notes.Add(column, static column => $"column '{CsvRowReader.Printable(column.Name)}' is left out: there is nothing in it");
            return Of(column, ColumnRole.Ignored);
        }

        if (column.IsText)
            return ChooseText(column, notes);
        if (column.FirstTextLine > 0)
            throw CsvRowReader.NumberError(scan.Path, column.FirstTextLine, index, CsvRowReader.Printable(column.FirstText), column.FirstTextIsNumber);
        if (column.Missing > 0)
            notes.Add(column, static column => $"{column.Missing} missing {(column.Missing == 1 ? "value" : "values")} of '{CsvRowReader.Printable(column.Name)}' {(column.Missing == 1 ? "is" : "are")} taken for the mean of the training rows");
        return Of(column, ColumnRole.Number);
    }

    private static TableColumn ChooseText(ColumnSummary column, ColumnNotes notes)
    {
        if (column.HasLongTexts)
        {
            notes.Add(column, static column => $"column '{CsvRowReader.Printable(column.Name)}' is left out: it has texts of more than {CsvRowReader.ShortText} bytes");
            return Of(column, ColumnRole.Ignored);
        }

        // Numbers among the texts are texts, too.
        if (column.HasMore || column.Different > MostCategories || (column.Different > FewTexts && column.Different * 2L > column.Cells))
        {
            notes.Add(column, static column => $"column '{CsvRowReader.Printable(column.Name)}' is left out: it has {(column.HasMore ? "more than " : "")}{column.Different} different texts in {column.Cells} rows{(column.IsCutShort ? ", and so short a table is not searched for all" : "")}");
            return Of(column, ColumnRole.Ignored);
        }

        var categories = new string[column.Different];
        for (int i = 0; i < categories.Length; i++)
            categories[i] = i < column.TextRows.Count ? column.TextRows[i].Key : TableRowEncoder.CategoryOf(column.DifferentNumbers[i - column.TextRows.Count]);
        Array.Sort(categories, StringComparer.Ordinal);
        return new TableColumn(column.Name, ColumnRole.Category, 0, categories);
    }

    private static TableColumn Of(ColumnSummary column, ColumnRole role) => new(column.Name, role, float.NaN, []);
}
