using Lpom.Data;

namespace Lpom.Examples;

/// <summary>What the user can put right: one line on the standard error and exit code 2, no stack trace.</summary>
internal static class BadInput
{
    public const int ExitCode = 2;

    /// <summary>Whether an exception says that a file is missing, may not be read or is not what it should be.</summary>
    public static bool Is(Exception exception) =>
        exception is DataFormatException or DataNotFoundException or IOException or UnauthorizedAccessException;

    /// <summary>Writes the line.</summary>
    /// <returns>The exit code.</returns>
    public static int Report(string message)
    {
        Console.Error.WriteLine($"error: {message.ReplaceLineEndings(" ")}");
        return ExitCode;
    }
}
