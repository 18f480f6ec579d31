using System.Text;

namespace Lpom.Cli.Terminal;

/// <summary>What the environment says of the terminal.</summary>
internal static class TerminalTraits
{
    /// <summary>Lines on the standard error can be drawn anew in place, and somebody is there to look at them.</summary>
    public static bool CanDrawOnError => !Console.IsErrorRedirected && KnowsSequences && !IsContinuousIntegration;

    /// <summary>The standard output is a terminal that can do more than lines.</summary>
    public static bool CanDrawOnOutput => !Console.IsOutputRedirected && KnowsSequences;

    /// <summary>See https://no-color.org.</summary>
    public static bool IsColourWanted => string.IsNullOrEmpty(Variable("NO_COLOR"));

    /// <summary>By the locale's variables, of which the first that is set counts.</summary>
    public static bool IsUtf8 =>
        FirstOf("LC_ALL", "LC_CTYPE", "LANG").Replace("-", "").EndsWith("utf8", StringComparison.OrdinalIgnoreCase);

    /// <summary>Of text on the terminal. UTF-8 is asked for by itself: the console's wrapping of it allocates.</summary>
    public static Encoding TextEncoding => IsUtf8 ? Encoding.UTF8 : Console.OutputEncoding;

    private static bool KnowsSequences => Variable("TERM") is not (null or "" or "dumb");

    private static bool IsContinuousIntegration => Variable("CI") is not (null or "" or "0" or "false");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    private static string FirstOf(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Variable(name) is { Length: > 0 } value)
                return value;
        }

        return "";
    }
}
