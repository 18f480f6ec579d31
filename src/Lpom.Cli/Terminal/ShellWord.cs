namespace Lpom.Cli.Terminal;

/// <summary>Words of a POSIX shell's command line.</summary>
internal static class ShellWord
{
    private const string Plain = "_./:@%+=,-";

    /// <summary>A file name as a word.</summary>
    // A name that starts with a hyphen would be an option.
    public static string Of(string path) => Quote(path.StartsWith('-') ? "./" + path : path);

    /// <summary>Any argument as a word.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c)) ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
