using Spectre.Console;

namespace Lpom.Cli.Terminal;

/// <summary>Tables as lines for the standard output: drawn on a terminal, plain text elsewhere.</summary>
internal static class TableText
{
    // Wider than any table: a narrow terminal may wrap lines, but loses no column.
    private const int Width = 1000;

    /// <summary>Lines of a table whose first column is text and whose others are figures.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        bool isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        bool hasColour = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var table = new Table { Border = isTerminal ? TableBorder.Rounded : TableBorder.Markdown };
        for (int i = 0; i < header.Count; i++)
            table.AddColumn(new TableColumn(new Text(header[i], hasColour ? new Style(decoration: Decoration.Bold) : Style.Plain)) { Alignment = i == 0 ? Justify.Left : Justify.Right, NoWrap = true });
        foreach (IReadOnlyList<string> row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        return Draw(table, hasColour);
    }

    private static string[] Draw(Table table, bool hasColour)
    {
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = hasColour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table);
        return [.. text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
    }
}
