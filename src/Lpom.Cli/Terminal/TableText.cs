using System.Text;

namespace Lpom.Cli.Terminal;

/// <summary>Tables as lines for the standard output: drawn on a terminal, Markdown elsewhere. A narrow terminal may wrap them.</summary>
internal static class TableText
{
    /// <summary>Lines of a table whose first column is text and whose others are figures.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        bool isTerminal = TerminalTraits.CanDrawOnOutput;
        return Lines(header, [.. rows], isTerminal, isTerminal && TerminalTraits.IsColourWanted);
    }

    /// <param name="header">Names of the columns.</param>
    /// <param name="rows">As many cells each.</param>
    /// <param name="isDrawn">With lines for a terminal; else in Markdown.</param>
    /// <param name="isBold">Whether the header is bold.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows, bool isDrawn, bool isBold)
    {
        int[] widths = [.. header.Select((name, i) => rows.Select(row => row[i].Length).Append(name.Length).Max())];
        char side = isDrawn ? '│' : '|';
        if (isDrawn)
            yield return Rule(widths, '╭', '┬', '╮');
        yield return Row(header, widths, side, isBold);
        yield return isDrawn ? Rule(widths, '├', '┼', '┤') : Alignments(widths);
        foreach (IReadOnlyList<string> row in rows)
            yield return Row(row, widths, side, isBold: false);
        if (isDrawn)
            yield return Rule(widths, '╰', '┴', '╯');
    }

    private static string Rule(int[] widths, char left, char middle, char right) =>
        $"{left}{string.Join(middle, widths.Select(width => new string('─', width + 2)))}{right}";

    private static string Alignments(int[] widths) =>
        $"| {string.Join(" | ", widths.Select((width, i) => i == 0 ? $":{Hyphens(width)}" : $"{Hyphens(width)}:"))} |";

    private static string Hyphens(int width) => new('-', Math.Max(1, width - 1));

    private static string Row(IReadOnlyList<string> cells, int[] widths, char side, bool isBold)
    {
        var line = new StringBuilder();
        for (int i = 0; i < cells.Count; i++)
        {
            string space = new(' ', widths[i] - cells[i].Length);
            string cell = isBold ? $"\e[1m{cells[i]}\e[0m" : cells[i];
            line.Append(side).Append(' ').Append(i == 0 ? cell + space : space + cell).Append(' ');
        }

        return line.Append(side).ToString();
    }
}
