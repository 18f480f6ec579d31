using System.Globalization;
using System.Text;

namespace Lpom.Cli.Manual;

/// <summary>Writes a manual page in roff, with the macros of man(7); ASCII, whatever it is given.</summary>
internal sealed class RoffWriter
{
    private readonly StringBuilder _text = new();
    private bool _isBelowHeading;

    /// <summary>Text in bold type, to be a part of what the other methods take.</summary>
    public static string Bold(string text) => $"\\fB{Escape(text)}\\fR";

    /// <summary>Text in italics, for what stands for something else.</summary>
    public static string Italic(string text) => $"\\fI{Escape(text)}\\fR";

    /// <summary>Text as it is.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            escaped.Append(Escape(rune));
        return escaped.ToString();
    }

    /// <summary>Starts the page, without a date: the same version always gives the same page.</summary>
    public void Title(string name, string version)
    {
        Macro($".TH {name.ToUpperInvariant()} 1 \"\" \"lpom {version}\" \"Lpom\"");
        // Hyphens or spaces put into options and examples would be taken for parts of them.
        Macro(".nh");
        Macro(".ad l");
    }

    public void Section(string title) => Heading($".SH {title}");

    public void Subsection(string title) => Heading($".SS {title}");

    /// <summary>A paragraph of escaped text.</summary>
    public void Paragraph(string escaped)
    {
        StartParagraph();
        Line(escaped);
    }

    /// <summary>A term and, below it and further in, what it is; both escaped.</summary>
    public void Item(string term, string escaped)
    {
        Macro(".TP");
        Line(term);
        Line(escaped);
    }

    /// <summary>A line that is not broken, such as a command to copy, and a remark.</summary>
    public void Example(string line, string escapedRemark)
    {
        StartParagraph();
        Macro(".nf");
        Line(line);
        Macro(".fi");
        if (escapedRemark.Length == 0)
            return;
        Macro(".RS");
        Line(escapedRemark);
        Macro(".RE");
    }

    /// <summary>A line of escaped text.</summary>
    // A leading full stop would be a macro's.
    public void Line(string escaped) => Macro(escaped.StartsWith('.') ? $"\\&{escaped}" : escaped);

    /// <summary>Lines of escaped text, each on a line of the page.</summary>
    public void Lines(IEnumerable<string> escaped) => Line(string.Join("\n.br\n", escaped));

    public override string ToString() => _text.ToString();

    private void Heading(string line)
    {
        Macro(line);
        _isBelowHeading = true;
    }

    private void StartParagraph()
    {
        // A heading has started one.
        if (!_isBelowHeading)
            Macro(".PP");
    }

    private void Macro(string line)
    {
        _text.Append(line).Append('\n');
        _isBelowHeading = false;
    }

    private static string Escape(Rune rune) => rune.Value switch
    {
        '\\' => "\\(rs",
        '-' => "\\-",
        '\'' => "\\(aq",
        '"' => "\\(dq",
        '`' => "\\(ga",
        '^' => "\\(ha",
        '~' => "\\(ti",
        '…' => "...",
        < 128 => rune.ToString(),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\[u{rune.Value:X4}]"),
    };
}
