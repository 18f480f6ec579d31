using Lpom.Data;

namespace Lpom.Examples;

/// <summary>A row a sample, of an array that numpy saved.</summary>
internal sealed class NpySamples(string path, int features) : ISamples
{
    private readonly BinaryRowReader _rows = BinaryRowReader.OpenNpy(path, features);

    public bool Read(Span<float> values) => _rows.Read(values);

    public void Dispose() => _rows.Dispose();
}
