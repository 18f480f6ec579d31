using System.Globalization;

namespace Lpom.Data;

/// <summary>The content of a CSV file: numbers, and classes from the last column.</summary>
internal sealed class CsvTable
{
    private readonly CsvRowReader _reader;
    private readonly List<string> _classes = [];
    private readonly Dictionary<string, int> _classIndex = [];
    private readonly bool _classesAreGiven;
    private readonly List<int> _labels = [];
    private float[] _values = [];
    private int _used;

    private CsvTable(CsvRowReader reader, IReadOnlyList<string>? classNames)
    {
        _reader = reader;
        _classesAreGiven = classNames is not null;
        foreach (string name in classNames ?? [])
            AddClass(name);
    }

    public int Features { get; private set; }

    public float[] Values => _values;

    public int[] Labels { get; private set; } = [];

    public IReadOnlyList<string> ClassNames => _classes;

    /// <param name="source">The file.</param>
    /// <param name="classNames">As in <see cref="CsvReader.Read"/>.</param>
    /// <param name="maxDecompressedBytes">Most bytes of text that a .gz may expand to.</param>
    public static CsvTable Read(SourceFile source, IReadOnlyList<string>? classNames, long maxDecompressedBytes = CsvReader.MaxDecompressedBytes)
    {
        long total = 0;
        int ReadBounded(Span<byte> buffer)
        {
            int read = source.Read(buffer);
            total += read;
            if (source.IsGzip && total > maxDecompressedBytes)
                throw new DataFormatException(source.Path, $"expands to more than {maxDecompressedBytes} bytes of text, the most allowed.");
            return read;
        }

        var table = new CsvTable(new CsvRowReader(ReadBounded, source.Path), classNames);
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
        _labels.Add(ReadClass());
    }

    private void Reserve()
    {
        long needed = (long)_used + Features;
        if (needed > Array.MaxLength)
            throw _reader.Error($"the file has more than {Array.MaxLength} numbers, the most allowed.");
        if (needed > _values.Length)
            Array.Resize(ref _values, (int)Math.Min(Math.Max(needed, 2L * _values.Length), Array.MaxLength));
    }

    private int ReadClass()
    {
        ReadOnlySpan<byte> field = _reader.Field(Features);
        string name = ClassName(field);
        if (_classIndex.TryGetValue(name, out int label))
            return label;
        if (_classesAreGiven)
            throw _reader.Error(Features, $"class '{CsvRowReader.Printable(field)}' is unknown; expected one of {_classes.Count}: {Sample(_classes)}.");
        if (_classes.Count == CsvReader.MaxClasses)
            throw _reader.Error(Features, $"more than {CsvReader.MaxClasses} different classes; the last column must be a class.");
        return AddClass(name);
    }

    /// <summary>An integer in its plain form (so that 1 and 1.0 are one class), else the text.</summary>
    private string ClassName(ReadOnlySpan<byte> field)
    {
        if (field.IsEmpty)
            throw _reader.Error(Features, "the class is empty; expected an integer or a name.");
        if (!double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            return _reader.Text(Features);
        if (number != Math.Floor(number) || Math.Abs(number) > int.MaxValue)
            throw _reader.Error(Features, $"class '{CsvRowReader.Printable(field)}' is a number but no integer; expected an integer or a name.");
        return ((long)number).ToString(CultureInfo.InvariantCulture);
    }

    private int AddClass(string name)
    {
        if (!_classIndex.TryAdd(name, _classes.Count))
            throw new ArgumentException($"The class name '{name}' is given twice.", nameof(name));
        _classes.Add(name);
        return _classes.Count - 1;
    }

    private void Finish(string path)
    {
        if (_labels.Count == 0)
            throw new DataFormatException(path, "has no rows of numbers.");
        Array.Resize(ref _values, _used);
        Labels = _labels.ToArray();
        if (_classesAreGiven)
            return;
        if (_classes.Count < 2)
            throw new DataFormatException(path, $"every row is of class '{_classes[0]}'; expected at least two classes in the last column.");
        if (_classes.Count > 2 && _classes.Count * 2L > Labels.Length)
            throw new DataFormatException(path, $"the last column has {_classes.Count} different values in {Labels.Length} rows; expected a class, which rows share.");
        SortClasses();
    }

    private void SortClasses()
    {
        string[] sorted = _classes.ToArray();
        if (sorted.All(name => long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
            Array.Sort(Array.ConvertAll(sorted, name => long.Parse(name, CultureInfo.InvariantCulture)), sorted);
        else
            Array.Sort(sorted, StringComparer.Ordinal);

        var order = new int[sorted.Length];
        for (int label = 0; label < sorted.Length; label++)
            order[_classIndex[sorted[label]]] = label;
        for (int row = 0; row < Labels.Length; row++)
            Labels[row] = order[Labels[row]];
        _classes.Clear();
        _classes.AddRange(sorted);
    }

    private static string Sample(List<string> names) =>
        string.Join(", ", names.Take(10)) + (names.Count > 10 ? ", …" : "");
}
