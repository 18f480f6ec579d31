using System.Text.RegularExpressions;

namespace Lpom.Docs.Tests;

/// <summary>A block of code of a document. What becomes of it stands behind its language, as <c>name=value</c>.</summary>
/// <param name="Document">The file, from the repository's root.</param>
/// <param name="Line">Of its first mark.</param>
/// <param name="Language">The word after the mark.</param>
/// <param name="Arguments">What is behind the language.</param>
/// <param name="Text">The lines.</param>
public sealed partial record Snippet(string Document, int Line, string Language, IReadOnlyDictionary<string, string> Arguments, string Text)
{
    private const string Mark = "```";

    /// <summary>The documents whose blocks are run.</summary>
    public static IEnumerable<string> Documents { get; } =
    [
        "README.md", "SECURITY.md", "CHANGELOG.md",
        .. Directory.EnumerateFiles(Path.Combine(TestedProgram.Root, "docs"), "*.md").Select(path => $"docs/{Path.GetFileName(path)}").Order(StringComparer.Ordinal),
    ];

    public override string ToString() => $"{Document}:{Line}";

    public static IReadOnlyList<Snippet> Of(string document)
    {
        var snippets = new List<Snippet>();
        string[] lines = File.ReadAllLines(Path.Combine(TestedProgram.Root, document));
        for (int start = 0; start < lines.Length; start++)
        {
            if (!lines[start].TrimStart().StartsWith(Mark, StringComparison.Ordinal))
                continue;
            int end = Array.FindIndex(lines, start + 1, line => line.Trim() == Mark);
            Assert.True(end > start, $"{document}:{start + 1}: a block without an end");
            string[] words = lines[start].Trim()[Mark.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Dictionary<string, string> arguments = words.Skip(1).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : "");
            snippets.Add(new Snippet(document, start + 1, words.FirstOrDefault(""), arguments, string.Join('\n', lines[(start + 1)..end])));
            start = end;
        }

        return snippets;
    }

    /// <summary>The lines between <c>// &lt;example NAME&gt;</c> and <c>// &lt;/example&gt;</c> of a source file, with their common margin taken away.</summary>
    /// <param name="place">FILE#NAME.</param>
    public static string Region(string place)
    {
        string[] parts = place.Split('#');
        string[] lines = File.ReadAllLines(Path.Combine(TestedProgram.Root, parts[0]));
        int from = Array.FindIndex(lines, line => line.Trim() == $"// <example {parts[1]}>");
        Assert.True(from >= 0, $"{place}: no such example");
        int to = Array.FindIndex(lines, from, line => line.Trim() == "// </example>");
        int margin = lines[from].Length - lines[from].TrimStart().Length;
        return string.Join('\n', lines[(from + 1)..to].Select(line => line.Length > margin ? line[margin..] : ""));
    }

    /// <summary>A line without what differs from run to run and from machine to machine: figures, and the width of columns.</summary>
    public static string WithoutFigures(string line) => Space().Replace(Figure().Replace(line.Trim(), "#"), " ");

    [GeneratedRegex(@"[-−]?\d[\d.,]*\d|[-−]?\d", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Figure();

    [GeneratedRegex("[ \t]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Space();
}
