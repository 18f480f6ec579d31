namespace Lpom.Data;

/// <summary>A data file is not what its format demands. The message names the file, the place, what was expected and what was found.</summary>
public sealed class DataFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="problem">Place, what was expected and what was found, in one line.</param>
    /// <param name="innerException">The cause, if any.</param>
    public DataFormatException(string path, string problem, Exception? innerException = null)
        : base($"{path}: {problem}", innerException) => Path = path;

    /// <summary>The file or folder at fault.</summary>
    public string Path { get; }
}
