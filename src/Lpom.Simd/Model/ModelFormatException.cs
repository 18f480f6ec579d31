namespace Lpom.Simd.Model;

/// <summary>A model file that is truncated, corrupt or not a model. The message names the file, the place and what was expected.</summary>
public sealed class ModelFormatException : IOException
{
    /// <summary>An error without a message.</summary>
    public ModelFormatException()
    {
    }

    /// <summary>An error with a message.</summary>
    public ModelFormatException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    public ModelFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
