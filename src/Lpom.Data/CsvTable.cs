using System.Globalization;

namespace Lpom.Data;

/// <summary>The content of a CSV file: numbers, and classes from the last column.</summary>
internal sealed class CsvTable
{
    private readonly CsvRowReader _reader;
    private readonly ClassList _classes;
    private readonly Func<string, DataFormatException> _classError;
    private readonly List<int> _labels = [];
    private float[] _values = [];
    private int _used;

    private CsvTable(CsvRowReader reader, IReadOnlyList<string>? classNames)
    {
        _reader = reader;
        _classes = new ClassList(classNames);
        _classError = problem => _reader.Error(Features, problem);
    }

    public int Features { get; private set; }

    public float[] Values => _values;

    public int[] Labels { get; private set; } = [];

    public IReadOnlyList<string> ClassNames => _classes.Names;

    /// <param name="source">The file.</param>
    /// <param name="classNames">As in <see cref="CsvReader.Read"/>.</param>
    /// <param name="maxDecompressedBytes">Most bytes of text that a .gz may expand to.</param>
    public static CsvTable Read(SourceFile source, IReadOnlyList<string>? classNames, long maxDecompressedBytes = CsvReader.MaxDecompressedBytes)
    {
        source.MaxDecompressedBytes = maxDecompressedBytes;
        var table = new CsvTable(new CsvRowReader(source), classNames);
        table.ReadRows();
        table.Finish(source.Path);
        return table;
    }

    private void ReadRows()
    {
        if (!_reader.Read())
            return;
        Features = _reader.Fields - 1;
        if (Features < 1)
            throw _reader.Error("has one field; expected numbers and, in the last column, the class, separated by ',', ';' or tab.");
        if (_reader.IsHeader(Features) && !_reader.Read())
            return;
        do
        {
            AddRow();
        }
        while (_reader.Read());
    }

    private void AddRow()
    {
        if (_reader.Fields != Features + 1)
            throw _reader.Error($"has {_reader.Fields} fields; expected {Features + 1}, as on the first line.");
        Reserve();
        for (int column = 0; column < Features; column++)
            _values[_used++] = _reader.Number(column);
        _labels.Add(_classes.Label(ClassName(_reader.Field(Features)), _classError));
    }

    private void Reserve()
    {
        long needed = (long)_used + Features;
        if (needed > Array.MaxLength)
            throw _reader.Error($"the file has more than {Array.MaxLength} numbers, the most allowed.");
        if (needed > _values.Length)
            Array.Resize(ref _values, (int)Math.Min(Math.Max(needed, 2L * _values.Length), Array.MaxLength));
    }

    /// <summary>An integer in its plain form (so that 1 and 1.0 are one class), else the text.</summary>
    private string ClassName(ReadOnlySpan<byte> field)
    {
        if (field.IsEmpty)
            throw _reader.Error(Features, "the class is empty; expected an integer or a name.");
        if (!double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            return _reader.Text(Features);
        return ClassList.Name(number) ?? throw _reader.Error(Features, $"class '{CsvRowReader.Printable(field)}' is a number but no integer; expected an integer or a name.");
    }

    private void Finish(string path)
    {
        if (_labels.Count == 0)
            throw new DataFormatException(path, "has no rows of numbers.");
        Array.Resize(ref _values, _used);
        Labels = _labels.ToArray();
        _classes.Finish(Labels, path, " in the last column");
    }
}
