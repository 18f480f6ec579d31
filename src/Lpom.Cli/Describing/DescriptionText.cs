using System.Globalization;
using Lpom.Cli.Terminal;
using Lpom.Data;

namespace Lpom.Cli.Describing;

/// <summary>A description as lines for people.</summary>
internal static class DescriptionText
{
    private const int MostClasses = 30, MostColumns = 40, MostPreviewColumns = 10, MostLetters = 20;

    public static IEnumerable<string> Lines(DataDescription description)
    {
        Dataset data = description.Data;
        yield return $"{Short(data.Name, int.MaxValue)}: {Count(data.All.Rows, "row")} of {Count(data.Features, "input")}{ImageOf(data)}";
        yield return $"{Count(data.Train.Rows, "row")} to train on, {Number(data.Test.Rows)} to test on: {data.SplitRule ?? "the data's own parts"}";
        IEnumerable<string>[] tables = [Classes(description.Classes), Numbers(description.Numbers), Columns(description.Columns), Preview(description)];
        foreach (string line in tables.SelectMany(table => table))
            yield return line;
        yield return "";
        foreach (string note in data.Notes)
            yield return $"note: {Printable.Of(note)}";
        yield return $"lpom train learns {(data.Targets == TargetKind.Numbers ? Count(data.Outputs, "number") : $"one of {Count(data.Classes, "class")}")} with a network {description.Layers} in {Count(description.Epochs, "epoch")}, unless it is told otherwise:";
        yield return $"  {description.TrainCommand}";
    }

    private static string ImageOf(Dataset data) => data.Shape is not ImageShape shape
        ? ""
        : $", {(shape.Channels == 1 ? "grey" : "colour")} images of {shape.Width}×{shape.Height} pixels";

    private static IEnumerable<string> Classes(IReadOnlyList<ClassRows> classes) => Table(
        ["class", "rows", "train", "test"],
        classes.Take(MostClasses).Select(c => (string[])[Short(c.Name), Number(c.Rows), Number(c.Train), Number(c.Test)]),
        classes.Count - MostClasses,
        "classes");

    private static IEnumerable<string> Numbers(IReadOnlyList<NumberRange> numbers) => Table(
        ["number", "least", "mean", "most"],
        numbers.Take(MostColumns).Select(n => (string[])[Short(n.Name), Figure(n.Least), Figure(n.Mean), Figure(n.Most)]),
        numbers.Count - MostColumns,
        "numbers");

    private static IEnumerable<string> Columns(IReadOnlyList<ColumnDescription> columns) => Table(
        ["column", "role", "missing", "different", "least", "mean", "most", "most frequent"],
        columns.Take(MostColumns).Select(Row),
        columns.Count - MostColumns,
        "columns");

    private static string[] Row(ColumnDescription column)
    {
        ColumnSummary summary = column.Summary;
        bool hasNumbers = summary.Numbers > 0;
        return
        [
            Short(summary.Name),
            column.Role.ToString().ToLowerInvariant(),
            Number(summary.Missing),
            $"{(summary.HasMore ? "> " : "")}{Number(summary.Different)}",
            hasNumbers ? Figure(summary.Least) : "",
            hasNumbers ? Figure(summary.Mean) : "",
            hasNumbers ? Figure(summary.Most) : "",
            string.Join(", ", column.Texts.Select(text => $"{Short(text.Key)} {Number(text.Value)}")),
        ];
    }

    private static IEnumerable<string> Preview(DataDescription description)
    {
        string[] names = [.. description.Columns.Take(MostPreviewColumns).Select(column => Short(column.Summary.Name))];
        return Table(names, description.Preview.Select(row => row.Take(names.Length).Select(cell => Short(cell)).ToArray()), description.Columns.Count - names.Length, "columns");
    }

    /// <summary>Nothing for a table without rows.</summary>
    private static IEnumerable<string> Table(string[] header, IEnumerable<string[]> rows, int left, string what)
    {
        string[][] cells = [.. rows];
        if (cells.Length == 0)
            yield break;
        yield return "";
        foreach (string line in TableText.Lines(header, cells))
            yield return line;
        if (left > 0)
            yield return $"and {Number(left)} {what} more, which --json shows";
    }

    private static string Count(long count, string what)
    {
        string plural = what.EndsWith('s') ? what + "es" : what + "s";
        return $"{Number(count)} {(count == 1 ? what : plural)}";
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Figure(double number) => number.ToString("G5", CultureInfo.InvariantCulture);

    private static string Short(string text, int most = MostLetters) => Printable.Of(text.Length > most ? text[..most] + "…" : text);
}
