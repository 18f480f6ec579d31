using Lpom.Data;

namespace Lpom.Examples;

/// <summary>A line a sample, without a class, after a header or none.</summary>
internal sealed class CsvSamples(string path) : ISamples
{
    private readonly CsvRowReader _rows = CsvRowReader.Open(path);

    public bool Read(Span<float> values)
    {
        if (!_rows.Read()) return false;
        if (_rows.Line == 1 && _rows.IsHeader(_rows.Fields)) return Read(values);
        if (_rows.Fields != values.Length)
            throw new DataFormatException(path, $"line {_rows.Line}: {_rows.Fields} values, the model takes {values.Length}.");
        for (int column = 0; column < values.Length; column++) values[column] = _rows.Number(column);
        return true;
    }

    public void Dispose() => _rows.Dispose();
}
