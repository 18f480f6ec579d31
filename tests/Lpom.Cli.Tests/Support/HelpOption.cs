using System.Text.RegularExpressions;

namespace Lpom.Cli.Tests.Support;

/// <summary>An option as <c>--help</c> has it.</summary>
/// <param name="Names">The name and the aliases.</param>
/// <param name="Placeholder">What its value is called; empty without one.</param>
/// <param name="Description">What it does.</param>
public sealed partial record HelpOption(string[] Names, string Placeholder, string Description)
{
    /// <summary>The options in the output of <c>lpom VERB --help</c>.</summary>
    public static HelpOption[] Read(Ran help) =>
    [
        .. help.Output.Split('\n').SkipWhile(line => line != "Options:").Skip(1).TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal))
            .Select(line => Line().Match(line))
            .Select(match => new HelpOption(match.Groups[1].Value.Split(", "), match.Groups[2].Value, match.Groups[3].Value)),
    ];

    [GeneratedRegex(@"^  (-\S+(?:, -\S+)*)(?: <(\S+)>)?(?: \(REQUIRED\))? {2,}(.*)$")]
    private static partial Regex Line();
}
