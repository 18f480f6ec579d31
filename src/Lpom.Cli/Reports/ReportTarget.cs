using Lpom.Simd.Model;

namespace Lpom.Cli.Reports;

/// <summary>The report's file, checked before the work.</summary>
internal sealed class ReportTarget
{
    private readonly string _path;

    /// <exception cref="BadInputException">No file can be written there.</exception>
    public ReportTarget(string path)
    {
        _path = path;
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
            throw new BadInputException($"--report: {path} is a folder; give a file name, such as run.html");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            throw new BadInputException($"--report: {path}: there is no folder {folder}");
        if (File.Exists(path) && !IsPage(path))
            throw new BadInputException($"--report: {path} is there, and is no HTML file; it is not overwritten");
    }

    /// <summary>Writes the report; what was there is replaced at once, or kept when writing fails.</summary>
    /// <exception cref="WorkFailedException">It cannot be written.</exception>
    public void Write(Report report)
    {
        try
        {
            AtomicFile.Write(_path, stream => ReportPage.Write(stream, report));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"{_path}: the report cannot be written: {e.Message}", e);
        }
    }

    private static bool IsPage(string path)
    {
        try
        {
            using StreamReader reader = File.OpenText(path);
            var start = new char[64];
            int read = reader.ReadBlock(start);
            return read == 0 || start.AsSpan(0, read).TrimStart().StartsWith("<!DOCTYPE html", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--report: {path} cannot be read: {e.Message}", e);
        }
    }
}
