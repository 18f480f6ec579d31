using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Data;

namespace Lpom.Cli.Describing;

/// <summary>Rows of a class.</summary>
internal sealed record ClassRows(string Name, int Rows, int Train, int Test);

/// <summary>The values that rows are to give.</summary>
internal sealed record NumberRange(string Name, float Least, double Mean, float Most);

/// <summary>A table's column, and what becomes of it.</summary>
internal sealed record ColumnDescription(ColumnSummary Summary, ColumnRole Role)
{
    private const int MostTexts = 3;

    /// <summary>The most frequent texts, and the rows of each.</summary>
    public IEnumerable<KeyValuePair<string, long>> Texts =>
        Summary.TextRows.OrderByDescending(text => text.Value).ThenBy(text => text.Key, StringComparer.Ordinal).Take(MostTexts);
}

/// <summary>What data is, and what <c>lpom train</c> does with it.</summary>
internal sealed record DataDescription
{
    private const int PreviewRows = 5;

    public required Dataset Data { get; init; }

    /// <summary>Empty for rows with numbers.</summary>
    public required IReadOnlyList<ClassRows> Classes { get; init; }

    /// <summary>Empty for rows with classes.</summary>
    public required IReadOnlyList<NumberRange> Numbers { get; init; }

    /// <summary>Of a table; empty for all else.</summary>
    public required IReadOnlyList<ColumnDescription> Columns { get; init; }

    /// <summary>The first rows of a table, as they are in the file.</summary>
    public required IReadOnlyList<string[]> Preview { get; init; }

    /// <summary>The network by default.</summary>
    public required string Layers { get; init; }

    public required int Epochs { get; init; }

    /// <summary>Trains on it.</summary>
    public required string TrainCommand { get; init; }

    /// <param name="nameOrPath">The data.</param>
    /// <param name="dataDir">Where named data is looked for first.</param>
    /// <param name="request">What is asked of it.</param>
    /// <exception cref="DataNotFoundException">There is no such data.</exception>
    /// <exception cref="DataFormatException">It cannot be trained on.</exception>
    public static DataDescription Of(string nameOrPath, string? dataDir, DataRequest request)
    {
        Dataset data = NamedData.Load(nameOrPath, dataDir, request);
        TableScan? scan = NamedData.IsTable(nameOrPath) ? TableScan.Read(nameOrPath, request.Target) : null;
        string task = data.Targets == TargetKind.Numbers ? "regress" : "classify";
        TrainSettings settings = TrainCommandOptions.Read("--data", nameOrPath, "--task", task);
        return new DataDescription
        {
            Data = data,
            Classes = ClassesOf(data),
            Numbers = NumbersOf(data),
            Columns = scan is null ? [] : [.. scan.Columns.Select((column, i) => new ColumnDescription(column, RoleOf(i, scan, data)))],
            Preview = scan is null ? [] : PreviewOf(scan),
            Layers = string.Join('-', LayerSpec.Resolve(settings, data)),
            Epochs = TrainCommandOptions.DefaultEpochs(data.Train.Rows, settings.Batch),
            TrainCommand = CommandOf(nameOrPath, dataDir, request),
        };
    }

    private static ClassRows[] ClassesOf(Dataset data)
    {
        int[] train = CountsOf(data.Train, data), test = CountsOf(data.Test, data);
        return [.. data.ClassNames.Select((name, label) => new ClassRows(name, train[label] + test[label], train[label], test[label]))];
    }

    private static int[] CountsOf(DataView rows, Dataset data)
    {
        var counts = new int[data.Classes];
        for (int row = 0; data.Classes > 0 && row < rows.Rows; row++)
            counts[rows.Label(row)]++;
        return counts;
    }

    private static NumberRange[] NumbersOf(Dataset data) => [.. data.NumberNames.Select((name, i) =>
    {
        (float least, float most, double sum) = (float.PositiveInfinity, float.NegativeInfinity, 0);
        for (int row = 0; row < data.All.Rows; row++)
        {
            float value = data.All.Numbers(row)[i];
            (least, most, sum) = (Math.Min(least, value), Math.Max(most, value), sum + value);
        }

        return new NumberRange(name, least, sum / data.All.Rows, most);
    })];

    private static ColumnRole RoleOf(int column, TableScan scan, Dataset data)
    {
        if (column == scan.Target)
            return ColumnRole.Target;
        // A table of numbers alone needs no columns.
        return data.Columns?.Columns[column].Role ?? ColumnRole.Number;
    }

    private static List<string[]> PreviewOf(TableScan scan)
    {
        using CsvRowReader reader = CsvRowReader.Open(scan.Path);
        var rows = new List<string[]>();
        if (scan.HasHeader)
            reader.Read();
        while (rows.Count < PreviewRows && reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.Fields).Select(reader.Text)]);
        return rows;
    }

    private static string CommandOf(string nameOrPath, string? dataDir, DataRequest request)
    {
        string command = $"lpom train --data {ShellWord.Of(nameOrPath)}";
        if (dataDir is not null && NamedData.Names.Contains(nameOrPath))
            command += $" --data-dir {ShellWord.Of(dataDir)}";
        if (request.Target is not null)
            command += $" --target {ShellWord.Quote(request.Target)}";
        return request.Resize is ImageSize size ? $"{command} --resize {size}" : command;
    }
}
