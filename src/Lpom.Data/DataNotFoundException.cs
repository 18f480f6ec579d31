namespace Lpom.Data;

/// <summary>Data is not there. The message, one line, lists the places looked at and how to get it.</summary>
public sealed class DataNotFoundException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DataNotFoundException(string message) : base(message)
    {
    }
}
