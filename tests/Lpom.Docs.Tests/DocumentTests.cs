namespace Lpom.Docs.Tests;

/// <summary>
/// Every block of the documents is run, or says by whom it is, or what it takes that is not here. The blocks of a document run one after
/// the other in one folder.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>sh</c>, <c>python</c>: run, at the root of what looks like a clone; every command must succeed.</item>
/// <item><c>text</c>: what the blocks since the last such block print has these lines, or lines with them, but for figures.</item>
/// <item><c>csharp from=FILE#NAME</c>: is that example of a file that is compiled.</item>
/// <item><c>by=FILE</c>: is run by that script, which names the document.</item>
/// <item><c>needs=mnist</c>, <c>fashion-mnist</c>, <c>cifar10</c>: run where $LPOM_DATA has that folder; <c>needs=minutes</c>: where
/// LPOM_DOCS_MINUTES is 1.</item>
/// <item><c>json</c>: a file or a result that is shown.</item>
/// </list>
/// </remarks>
public sealed class DocumentTests
{
    private const string Minutes = "minutes";

    private static readonly string[] DataSets = ["mnist", "fashion-mnist", "cifar10"];

    public static bool HasMinutes { get; } = Environment.GetEnvironmentVariable("LPOM_DOCS_MINUTES") == "1";

    public static TheoryData<string> Documents => [.. Snippet.Documents];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_block_says_what_becomes_of_it(string document)
    {
        foreach (Snippet snippet in Snippet.Of(document))
        {
            Assert.True(snippet.Language is "sh" or "python" or "csharp" or "c" or "text" or "json", $"{snippet}: a block of no known kind");
            Assert.All(snippet.Arguments.Keys, name => Assert.True(name is "by" or "needs" or "from", $"{snippet}: {name}="));
            if (snippet.Language == "csharp")
                Assert.True(snippet.Arguments.ContainsKey("from"), $"{snippet}: C# without from=FILE#NAME");
            if (snippet.Language == "c")
                Assert.True(snippet.Arguments.ContainsKey("by"), $"{snippet}: C without by=FILE");
            if (snippet.Arguments.TryGetValue("by", out string? script))
                Assert.Contains(document, File.ReadAllText(Path.Combine(TestedProgram.Root, script)));
            Assert.All(Needs(snippet), need => Assert.True(need == Minutes || DataSets.Contains(need), $"{snippet}: needs={need}"));
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void The_csharp_of_a_document_is_compiled_code(string document)
    {
        foreach (Snippet snippet in Snippet.Of(document).Where(snippet => snippet.Language == "csharp"))
            Assert.Equal(Snippet.Region(snippet.Arguments["from"]).Trim('\n'), snippet.Text);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void The_commands_of_a_document_run_and_print_what_it_says(string document)
    {
        using var shell = new SnippetShell();
        // Null once a block was not run: what it prints is not known.
        string? printed = "";
        bool isShown = true;
        foreach (Snippet snippet in Snippet.Of(document))
        {
            if (snippet.Language == "text")
            {
                if (printed is not null)
                    AssertPrinted(snippet, printed);
                isShown = true;
            }
            else if (snippet.Language is "sh" or "python")
            {
                if (isShown)
                    (printed, isShown) = ("", false);
                printed = CanRun(snippet) ? printed + Run(shell, snippet) : null;
            }
        }
    }

    private static string Run(SnippetShell shell, Snippet snippet)
    {
        Ran ran = shell.Run(snippet);
        Assert.True(ran.ExitCode == 0, $"{snippet}: exit code {ran.ExitCode}\n{ran.Errors}");
        return ran.Output + ran.Errors;
    }

    private static void AssertPrinted(Snippet snippet, string printed)
    {
        string[] lines = [.. printed.Split('\n').Select(Snippet.WithoutFigures)];
        Assert.All(snippet.Text.Split('\n'), expected =>
            Assert.True(lines.Any(line => line.Contains(Snippet.WithoutFigures(expected), StringComparison.Ordinal)), $"{snippet}: '{expected}' is not printed, but\n{printed}"));
    }

    private static string[] Needs(Snippet snippet) => snippet.Arguments.TryGetValue("needs", out string? needs) ? needs.Split(',') : [];

    private static bool CanRun(Snippet snippet)
    {
        string data = Environment.GetEnvironmentVariable("LPOM_DATA") ?? "";
        bool isHere = Array.TrueForAll(Needs(snippet), need => need == Minutes ? HasMinutes : data.Length > 0 && Directory.Exists(Path.Combine(data, need)));
        // CI has Python: there it is an error if it is missing.
        bool hasLanguage = snippet.Language != "python" || SnippetShell.HasPython || Environment.GetEnvironmentVariable("CI") == "true";
        return isHere && hasLanguage && !snippet.Arguments.ContainsKey("by");
    }
}
