namespace Lpom.Examples;

/// <summary>Samples of a file, one by one.</summary>
internal interface ISamples : IDisposable
{
    /// <summary>Reads the next sample's raw values; false at the end.</summary>
    /// <exception cref="Data.DataFormatException">The file is not what it should be; the message says where.</exception>
    bool Read(Span<float> values);
}
