using System.Text.Json;

namespace Lpom.Cli.Tests.Support;

/// <summary>A finished run of the program.</summary>
public sealed record Ran(int ExitCode, string Output, string Errors)
{
    public JsonElement[] Json => [.. Lines(Output).Select(line => JsonDocument.Parse(line).RootElement)];

    public string[] OutputLines => Lines(Output);

    public string[] ErrorLines => Lines(Errors);

    /// <summary>Asserts what all bad input has in common: exit code 2, one line on the standard error, nothing else.</summary>
    public string AssertBadInput()
    {
        Assert.Equal(2, ExitCode);
        Assert.Equal("", Output);
        string line = Assert.Single(ErrorLines);
        Assert.StartsWith("lpom: ", line);
        return line;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
