namespace Lpom.Cli.Terminal;

/// <summary>Text out of a file, for a terminal, which it must not steer.</summary>
internal static class Printable
{
    /// <summary>The text with a question mark for every control character.</summary>
    public static string Of(string text) => string.Create(text.Length, text, static (shown, original) =>
    {
        for (int i = 0; i < shown.Length; i++)
            shown[i] = char.IsControl(original[i]) ? '?' : original[i];
    });
}
