namespace Lpom.Data;

/// <summary>
/// Reads a table of numbers whose last column is the class (an integer or a name), plain or .gz. The first line may be a
/// header. Lines, delimiters and headers: <see cref="CsvRowReader"/>.
/// </summary>
public static class CsvReader
{
    /// <summary>Most bytes of text that a .gz may expand to: 1 GiB.</summary>
    public const long MaxDecompressedBytes = 1L << 30;

    /// <summary>Most classes.</summary>
    public const int MaxClasses = 65_536;

    /// <summary>Reads a file as one data set, divided by <see cref="StratifiedSplit"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">Name of the data set; null: the file's, without .csv and .gz.</param>
    /// <param name="classNames">Null: the distinct values of the last column in numerical (if all are integers) or ordinal order. Else those of a model, by label; other values are errors.</param>
    /// <remarks>
    /// Nothing is known of the numbers' range, so inputs are raw / (largest absolute value of the training part): in
    /// [−1, 1], which is safe to train on. Images of bytes come out as raw / 255.
    /// </remarks>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">A bad or not finite number, a line with another number of fields, an empty file, a last column that is no class: with line and column.</exception>
    public static Dataset Read(string path, string? name = null, IReadOnlyList<string>? classNames = null)
    {
        using SourceFile source = SourceFile.Open(path);
        CsvTable table = CsvTable.Read(source, classNames);
        var rows = new FloatRows(table.Values, table.Features);
        return Dataset.DividedByRule(name ?? NameOf(path), rows, table.Labels, table.ClassNames, Preprocessing.Identity, shape: null).WithUnitRange();
    }

    internal static string NameOf(string path)
    {
        string name = Path.GetFileName(path);
        name = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        return Path.GetFileNameWithoutExtension(name);
    }
}
