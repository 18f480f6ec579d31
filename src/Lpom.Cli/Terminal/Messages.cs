namespace Lpom.Cli.Terminal;

/// <summary>Messages for people, on the standard error.</summary>
internal static class Messages
{
    /// <summary>The one line of an error: <c>lpom: …</c>.</summary>
    public static void Error(string message) => Write($"lpom: {OneLine(message)}");

    /// <summary>A line of information.</summary>
    public static void Note(string message) => Write(OneLine(message));

    /// <summary>Control characters, which file names and exceptions may hold, would break the line or the terminal.</summary>
    public static string OneLine(string message) => string.Create(message.Length, message, static (line, text) =>
    {
        for (int i = 0; i < line.Length; i++)
            line[i] = char.IsControl(text[i]) ? ' ' : text[i];
    });

    private static void Write(string line)
    {
        try
        {
            // Not the console's writer, which would send the terminal sequences that prepare it for reading keys.
            StandardOutput.OpenError().Write(TerminalTraits.TextEncoding.GetBytes(line + Environment.NewLine));
        }
        catch (IOException)
        {
            // Nobody listens; the exit code still tells.
        }
    }
}
