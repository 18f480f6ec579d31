namespace Lpom.Cli.Manual;

/// <summary>A paragraph of a text that is laid out for terminals.</summary>
/// <param name="Term">What it explains; null for a paragraph like any other.</param>
/// <param name="Text">The text, on one line.</param>
internal sealed record HelpParagraph(string? Term, string Text);

/// <summary>Reads what the help says in columns, which a manual page says in paragraphs of any width.</summary>
internal static class HelpText
{
    private const string Gap = "  ";

    /// <summary>Splits a text into a title (a first line that ends with a colon) and what is below it.</summary>
    public static (string? Title, string Body) Split(string text)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        return end > 0 && text[end - 1] == ':' ? (text[..(end - 1)], text[(end + 1)..]) : (null, text);
    }

    /// <summary>The commands of examples, each with what is said of it, or nothing.</summary>
    public static IEnumerable<HelpParagraph> Examples(string text) => text.Split('\n').Select(line =>
    {
        (string? command, string comment) = Columns(line.Trim());
        return new HelpParagraph(command ?? comment, command is null ? "" : comment);
    });

    /// <summary>Paragraphs: a line of two columns starts one with a term, lines further in go on with it, an empty line ends it.</summary>
    public static IEnumerable<HelpParagraph> Paragraphs(string text)
    {
        int margin = text.Length - text.TrimStart(' ').Length;
        HelpParagraph? current = null;
        foreach (string line in text.Split('\n').Select(line => line.Length > margin ? line[margin..] : ""))
        {
            (string? term, string rest) = line.StartsWith(' ') ? (null, line.Trim()) : Columns(line);
            bool goesOn = current is not null && term is null && rest.Length > 0 && (line.StartsWith(' ') || current.Term is null);
            if (goesOn)
            {
                current = current! with { Text = $"{current.Text} {rest}" };
                continue;
            }

            if (current is not null)
                yield return current;
            current = rest.Length > 0 ? new HelpParagraph(term, rest) : null;
        }

        if (current is not null)
            yield return current;
    }

    private static (string? Left, string Right) Columns(string line)
    {
        int gap = line.IndexOf(Gap, StringComparison.Ordinal);
        return gap < 0 ? (null, line) : (line[..gap], line[gap..].Trim());
    }
}
