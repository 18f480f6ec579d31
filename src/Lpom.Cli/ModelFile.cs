using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli;

/// <summary>Opens the model file that a user names.</summary>
internal static class ModelFile
{
    /// <summary>Loads a model with its weights in some precision.</summary>
    /// <param name="path">The file.</param>
    /// <param name="precision">One of <see cref="PrecisionNames.All"/>.</param>
    /// <exception cref="BadInputException">There is none, or it is no model.</exception>
    public static Network Load(string path, string precision) => Load(path).WithPrecision(PrecisionNames.Of(precision));

    /// <exception cref="BadInputException">There is none, or it is no model.</exception>
    public static Network Load(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new BadInputException($"MODEL: '{path}' is no file name");
        if (Directory.Exists(path))
            throw new BadInputException($"{path} is a folder, expected a model file");
        if (FileKind.IsStream(path))
            throw new BadInputException($"{path} is no regular file, expected a model file");
        try
        {
            return Network.Load(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"{path}: no such model file{(path.EndsWith(".onnx", StringComparison.Ordinal) ? "" : $"; 'lpom train --output {path}' makes one")}", e);
        }
        catch (ModelFormatException e)
        {
            throw new BadInputException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"{path}: the model cannot be read: {e.Message}", e);
        }
    }
}
