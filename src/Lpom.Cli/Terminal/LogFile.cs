namespace Lpom.Cli.Terminal;

/// <summary>Opens the file of <c>--log</c>.</summary>
internal static class LogFile
{
    /// <summary>Null for no log.</summary>
    /// <param name="path">The file; null for none.</param>
    /// <param name="grows">Whether lines are added to what is there, else that is replaced.</param>
    /// <exception cref="BadInputException">It cannot be written.</exception>
    public static Stream? Open(string? path, bool grows)
    {
        if (path is null)
            return null;
        if (File.Exists(path) && !grows && !HoldsLines(path))
            throw new BadInputException($"--log: {path} is there, and holds no lines of JSON; it is not overwritten");
        try
        {
            return new FileStream(path, grows ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--log: {path} cannot be written: {e.Message}", e);
        }
    }

    private static bool HoldsLines(string path)
    {
        using FileStream file = File.OpenRead(path);
        return file.ReadByte() is -1 or '{';
    }
}
