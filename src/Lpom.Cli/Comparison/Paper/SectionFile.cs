using System.Text;
using Lpom.Data;

namespace Lpom.Cli.Comparison.Paper;

/// <summary>A Markdown file with a section a result, each found by its heading; checked before the work so that the work is not lost after it.</summary>
internal sealed class SectionFile
{
    private const string Title = "# Experiments", Mark = "## ", TitleMark = "# ";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _path;

    /// <exception cref="BadInputException">No section can be written there.</exception>
    public SectionFile(string path)
    {
        Name = path;
        if (Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
            throw new BadInputException($"--output: {path} is a folder; give a file name");
        _path = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(_path)!;
        if (!Directory.Exists(folder))
            throw new BadInputException($"--output: {path}: there is no folder {folder}");
        if (FileKind.IsStream(_path))
            throw new BadInputException($"--output: {path} is no regular file; give a file name");
        try
        {
            _ = Read();
            using var probe = new FileStream(Temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--output: {path} cannot be written: {e.Message}", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new BadInputException($"--output: {path} is there and is no text; it is not changed, give another file", e);
        }
    }

    /// <summary>The file as the user named it.</summary>
    public string Name { get; }

    private string Temporary => $"{_path}.{Environment.ProcessId}.tmp";

    /// <summary>Puts a section in the place of the one with its heading, or at the end; all else stays as it is.</summary>
    /// <exception cref="WorkFailedException">It cannot be written.</exception>
    public void Write(string heading, string body)
    {
        try
        {
            File.WriteAllText(Temporary, With(Read(), $"{Mark}{heading}", body), Strict);
            File.Move(Temporary, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new WorkFailedException($"{Name}: the section cannot be written: {e.Message}", e);
        }
    }

    private static string With(string text, string heading, string body)
    {
        string[] section = [heading, "", .. body.Split('\n'), ""];
        List<string> lines = [.. text.TrimEnd().Split('\n')];
        int start = lines.FindIndex(line => line.TrimEnd() == heading);
        if (start < 0)
            return string.Join('\n', [.. lines, "", .. section]);
        int end = lines.FindIndex(start + 1, line => line.StartsWith(Mark, StringComparison.Ordinal) || line.StartsWith(TitleMark, StringComparison.Ordinal));
        return string.Join('\n', [.. lines.Take(start), .. section, .. end < 0 ? [] : lines.Skip(end).Append("")]);
    }

    /// <summary>What there is, or the start of a new file.</summary>
    private string Read()
    {
        string text = File.Exists(_path) ? Strict.GetString(File.ReadAllBytes(_path)) : "";
        return string.IsNullOrWhiteSpace(text) ? $"{Title}\n\nThe paper's experiments, and others like them, as `lpom reproduce` runs them. It writes each section below, and replaces it when it runs the experiment again." : text;
    }
}
