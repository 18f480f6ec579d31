using Lpom.Simd.Model;

namespace Lpom.Cli.Training;

/// <summary>The model file to be written, checked before the work so that the work is not lost after it.</summary>
internal sealed class ModelTarget
{
    /// <summary>Appended to the name of a file that is kept.</summary>
    public const string PreviousSuffix = ".previous";

    private readonly string _path;

    /// <exception cref="BadInputException">No file can be written there.</exception>
    public ModelTarget(string path)
    {
        Name = path;
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new BadInputException($"--output: '{path}' is no file name");
        if (Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
            throw new BadInputException($"--output: {path} is a folder; give a file name");
        _path = LinkTarget(Path.GetFullPath(path));
        string folder = Path.GetDirectoryName(_path)!;
        if (!Directory.Exists(folder))
            throw new BadInputException($"--output: {path}: there is no folder {folder}");
        if (folder == "/dev" || folder.StartsWith("/dev/", StringComparison.Ordinal))
            throw new BadInputException($"--output: {path} is a device; give a regular file");
        Probe(folder);
    }

    /// <summary>The file as the user named it.</summary>
    public string Name { get; }

    /// <summary>Writes the model; what was there is replaced at once, or kept as it is when writing fails.</summary>
    /// <exception cref="WorkFailedException">It cannot be written.</exception>
    public void Save(Network network) => Write(network, keepPrevious: false);

    /// <summary>Writes a model that is not what was asked for: a whole model there before is kept beside it.</summary>
    /// <exception cref="WorkFailedException">It cannot be written.</exception>
    public void SaveUnfinished(Network network) => Write(network, keepPrevious: HoldsFinishedModel());

    private void Write(Network network, bool keepPrevious)
    {
        try
        {
            if (keepPrevious)
                File.Copy(_path, _path + PreviousSuffix, overwrite: true);
            network.Save(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"{Name}: the model cannot be written: {e.Message}", e);
        }
    }

    private bool HoldsFinishedModel()
    {
        if (!File.Exists(_path))
            return false;
        try
        {
            return !ModelRecord.IsUnfinished(Network.Load(_path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string LinkTarget(string path) =>
        new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path : path;

    /// <summary>Permission bits do not tell (root, read-only mounts, quotas): only writing does.</summary>
    private void Probe(string folder)
    {
        string probe = Path.Combine(folder, $".{Path.GetFileName(_path)}.{Environment.ProcessId}.tmp");
        try
        {
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
            file.WriteByte(0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--output: {Name}: the folder {folder} cannot be written: {e.Message}", e);
        }
    }
}
