using System.Globalization;

namespace Lpom.Data;

/// <summary>The content of a CSV file: a row of numbers a line, and what each is to give.</summary>
internal sealed class CsvTable
{
    private readonly CsvRowReader _reader;
    private readonly DataRequest _request;
    private readonly ClassList? _classes;
    private readonly Func<string, DataFormatException> _classError;
    private readonly TableRowEncoder _encoder;
    private readonly List<int> _labels = [];
    private readonly List<double> _numbers = [];
    private readonly long _firstLine;
    private float[] _values = [];
    private int _used;

    private CsvTable(CsvRowReader reader, TableSchema schema, bool? hasHeader, DataRequest request, bool hasTextTarget)
    {
        (_reader, _request, Schema) = (reader, request, schema);
        _encoder = hasHeader is bool isKnown ? TableRowEncoder.Create(reader, schema, isKnown) : TableRowEncoder.Create(reader, schema);
        _firstLine = _encoder.HasHeader ? 2 : 1;
        _classes = hasTextTarget ? new ClassList(request.ClassNames) : null;
        _classError = problem => _reader.Error(_encoder.Target, problem);
    }

    public TableSchema Schema { get; }

    public int Features => _encoder.Features;

    /// <summary>[rows × Features]; NaN where a number is missing.</summary>
    public float[] Values => _values;

    public RowTargets Targets { get; private set; } = RowTargets.OfClasses([], []);

    /// <param name="source">The file.</param>
    /// <param name="schema">What its columns are.</param>
    /// <param name="hasHeader">Whether its first line names them; null when that is not known.</param>
    /// <param name="request">What is asked of the target.</param>
    /// <param name="hasTextTarget">Whether a target is a text.</param>
    /// <exception cref="DataFormatException">A bad row, or columns other than those of a model.</exception>
    public static CsvTable Read(SourceFile source, TableSchema schema, bool? hasHeader, DataRequest request, bool hasTextTarget)
    {
        var reader = new CsvRowReader(source);
        if (!reader.Read())
            throw new DataFormatException(source.Path, "has no rows.");
        var table = new CsvTable(reader, schema, hasHeader, request, hasTextTarget);
        table.ReadRows();
        table.Finish(source.Path);
        return table;
    }

    private void ReadRows()
    {
        if (_encoder.Target < 0)
            throw _reader.Error($"there is no column '{CsvRowReader.Printable(Schema.Target)}', which is to be learnt.");
        for (bool more = !_encoder.HasHeader || _reader.Read(); more; more = _reader.Read())
        {
            Reserve();
            _encoder.Encode(_values.AsSpan(_used, Features));
            _used += Features;
            AddTarget();
        }
    }

    private void AddTarget()
    {
        int target = _encoder.Target;
        if (_reader.IsMissing(target))
            throw _reader.Error(target, $"the {(_classes is null && _request.Kind == TargetKind.Numbers ? "number" : "class")} is empty; expected an integer or a name.");
        if (_classes is not null)
            _labels.Add(_classes.Label(ClassName(_reader.Field(target)), _classError));
        else if (double.TryParse(_reader.Field(target), NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            _numbers.Add(number);
        else
            throw _reader.NumberError(target);
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
        if (!double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            return _reader.Text(_encoder.Target);
        return ClassList.Name(number) ?? throw _reader.Error(_encoder.Target, $"class '{CsvRowReader.Printable(field)}' is a number but no integer; expected an integer or a name.");
    }

    private void Finish(string path)
    {
        if (_used == 0)
            throw new DataFormatException(path, "has no rows.");
        Array.Resize(ref _values, _used);
        string place = $" in column '{CsvRowReader.Printable(Schema.Target)}'";
        if (_classes is null)
        {
            Targets = RowTargets.Of([.. _numbers], _request, Schema.Target, path, place, ErrorOfRow);
            return;
        }

        int[] labels = [.. _labels];
        _classes.Finish(labels, path, place);
        Targets = RowTargets.OfClasses(labels, _classes.Names);
    }

    // Blank lines are at the end only, so a row's line is known.
    private DataFormatException ErrorOfRow(int row, string problem) =>
        new(_reader.Source, string.Create(CultureInfo.InvariantCulture, $"line {row + _firstLine}, column {_encoder.Target + 1}: {problem}."));
}
