using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli.Training;

/// <summary>The model file to be written, checked before the work so that the work is not lost after it.</summary>
internal sealed class ModelTarget
{
    /// <summary>Appended to the name of a file that is kept.</summary>
    public const string PreviousSuffix = ".previous";

    /// <summary>Appended to the name of an unfinished model that does not get its own.</summary>
    public const string UnfinishedSuffix = ".unfinished";

    private readonly string _path;
    private readonly ModelFormat _format;

    /// <exception cref="BadInputException">No file can be written there, or its name is that of the other format's files.</exception>
    public ModelTarget(string path, ModelFormat format = ModelFormat.Safetensors)
    {
        Name = path;
        _format = format;
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new BadInputException($"--output: '{path}' is no file name");
        if (Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
            throw new BadInputException($"--output: {path} is a folder; give a file name");
        if (Path.GetExtension(path) == Extension(Other(format)))
            throw new BadInputException($"--output: {path} is to be {format}, not {Other(format)} as its name says{(format == ModelFormat.Safetensors ? "; 'lpom export' makes ONNX of a trained model" : "")}");
        _path = LinkTarget(Path.GetFullPath(path));
        string folder = Path.GetDirectoryName(_path)!;
        if (!Directory.Exists(folder))
            throw new BadInputException($"--output: {path}: there is no folder {folder}");
        if (folder == "/dev" || folder.StartsWith("/dev/", StringComparison.Ordinal))
            throw new BadInputException($"--output: {path} is a device; give a regular file");
        CheckReplaced();
        Probe(folder);
    }

    /// <summary>The file as the user named it.</summary>
    public string Name { get; }

    /// <summary>Writes the model; what was there is replaced at once, or kept as it is when writing fails.</summary>
    /// <returns>The file, as the user named it.</returns>
    /// <exception cref="BadInputException">The format cannot express the model.</exception>
    /// <exception cref="WorkFailedException">It cannot be written.</exception>
    public string Save(Network network)
    {
        Write(network, _path);
        return Name;
    }

    /// <summary>Writes a model that is not what was asked for: a whole model there before is kept beside it, or stays when that fails.</summary>
    /// <returns>The file, by the user's name for it; with <see cref="UnfinishedSuffix"/> when the whole model could not be moved out of its way.</returns>
    /// <exception cref="WorkFailedException">It cannot be written.</exception>
    public string SaveUnfinished(Network network)
    {
        if (!HoldsFinishedModel() || TryKeepPrevious())
            return Save(network);
        Write(network, _path + UnfinishedSuffix);
        return Name + UnfinishedSuffix;
    }

    /// <summary>Writes a model that <see cref="Save"/> could not write to the folder for temporary files, which may be on another disk.</summary>
    /// <returns>The file; null when it cannot be written there either.</returns>
    public string? SaveElsewhere(Network network)
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Path.GetFileNameWithoutExtension(_path)}-{Path.GetRandomFileName()}{Extension(_format)}");
        try
        {
            Write(network, file);
            return file;
        }
        catch (WorkFailedException)
        {
            return null;
        }
    }

    private static ModelFormat Other(ModelFormat format) => format == ModelFormat.Onnx ? ModelFormat.Safetensors : ModelFormat.Onnx;

    private static string Extension(ModelFormat format) => format == ModelFormat.Onnx ? ".onnx" : ".safetensors";

    private void Write(Network network, string path)
    {
        try
        {
            network.Save(path, _format);
        }
        catch (NotSupportedException e)
        {
            throw new BadInputException($"{Name}: {e.Message.TrimEnd('.')}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"{Name}: the model cannot be written: {e.Message}", e);
        }
    }

    /// <summary>By a temporary file and a rename: neither file is ever half there.</summary>
    private bool TryKeepPrevious()
    {
        string copy = Temporary();
        try
        {
            File.Copy(_path, copy);
            File.Move(copy, _path + PreviousSuffix, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Remove(copy);
            return false;
        }
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder cannot be changed any more; the model is what matters.
        }
    }

    // Not the process's number, which is the same every time in a container: what a killed process left would be in the way.
    private string Temporary() => Path.Combine(Path.GetDirectoryName(_path)!, $".{Path.GetFileName(_path)}.{Path.GetRandomFileName()}.tmp");

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

    /// <exception cref="BadInputException">The link leads nowhere, such as round in a circle.</exception>
    private static string LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path : path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--output: {path}: the link cannot be followed: {e.Message}", e);
        }
    }

    /// <summary>Only a model, or an empty file, may be replaced: anything else is more likely the user's data.</summary>
    private void CheckReplaced()
    {
        if (FileKind.IsStream(_path))
            throw new BadInputException($"--output: {Name} is no regular file; give a file name");
        if (!File.Exists(_path))
            return;
        Span<byte> start = stackalloc byte[ModelFormats.StartLength];
        int read;
        try
        {
            using FileStream file = File.OpenRead(_path);
            read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--output: {Name} is there and cannot be read: {e.Message}", e);
        }

        if (read > 0 && ModelFormats.Of(start[..read]) is null)
            throw new BadInputException($"--output: {Name} is there and is no model; it is not overwritten, give another file");
    }

    /// <summary>Permission bits do not tell (root, read-only mounts, quotas): only writing does.</summary>
    private void Probe(string folder)
    {
        string probe = Temporary();
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
