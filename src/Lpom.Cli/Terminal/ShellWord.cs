namespace Lpom.Cli.Terminal;

/// <summary>A file name as one word of a POSIX shell's command line.</summary>
internal static class ShellWord
{
    private const string Plain = "_./:@%+=,-";

    public static string Of(string path)
    {
        // A name that starts with a hyphen would be an option.
        string word = path.StartsWith('-') ? "./" + path : path;
        return word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c)) ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }
}
