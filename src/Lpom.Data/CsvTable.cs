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
    private readonly GrowingArray<float> _cells = new();
    private readonly GrowingArray<int> _labels = new();
    private readonly GrowingArray<double> _numbers = new();
    private readonly long _firstLine;

    private CsvTable(CsvRowReader reader, TableSchema schema, bool? hasHeader, DataRequest request, bool hasTextTarget)
    {
        (_reader, _request, Schema) = (reader, request, schema);
        _encoder = hasHeader is bool isKnown ? TableRowEncoder.Create(reader, schema, isKnown) : TableRowEncoder.Create(reader, schema);
        _firstLine = _encoder.HasHeader ? 2 : 1;
        _classes = hasTextTarget ? new ClassList(request.ClassNames) : null;
        _classError = problem => _reader.Error(_encoder.Target, problem);
    }

    public TableSchema Schema { get; }

    /// <summary>[rows × <see cref="TableSchema.Cells"/>]; NaN where a number is missing.</summary>
    public float[] Cells { get; private set; } = [];

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
            if ((long)_cells.Count + Schema.Cells > Array.MaxLength)
                throw _reader.Error($"the file has more than {Array.MaxLength} numbers, the most allowed.");
            _encoder.EncodeCells(_cells.Extend(Schema.Cells));
            AddTarget();
        }
    }

    private void AddTarget()
    {
        int target = _encoder.Target;
        if (_reader.IsMissing(target))
            throw _reader.Error(target, $"the {(_classes is null && _request.Kind == TargetKind.Numbers ? "number" : "class")} is empty; expected an integer or a name.");
        if (_classes is not null)
            _labels.Add(Label(_classes, target));
        else if (double.TryParse(_reader.Field(target), NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            _numbers.Add(number);
        else
            throw _reader.NumberError(target);
    }

    // An integer counts in its plain form, so that 1 and 1.0 are one class.
    private int Label(ClassList classes, int target)
    {
        Span<char> name = stackalloc char[CsvRowReader.ShortText];
        if (!double.TryParse(_reader.Field(target), NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            return classes.Label(_reader.Text(target, name), _classError);
        return ClassList.TryName(number, name, out int length)
            ? classes.Label(name[..length], _classError)
            : throw _reader.Error(target, $"class '{CsvRowReader.Printable(_reader.Field(target))}' is a number but no integer; expected an integer or a name.");
    }

    private void Finish(string path)
    {
        Cells = _cells.ToArray();
        if (Cells.Length == 0)
            throw new DataFormatException(path, "has no rows.");
        string place = $" in column '{CsvRowReader.Printable(Schema.Target)}'";
        if (_classes is null)
        {
            Targets = RowTargets.Of(_numbers.ToArray(), _request, Schema.Target, path, place, ErrorOfRow);
            return;
        }

        int[] labels = _labels.ToArray();
        _classes.Finish(labels, path, place);
        Targets = RowTargets.OfClasses(labels, _classes.Names);
    }

    // Blank lines are at the end only, so a row's line is known.
    private DataFormatException ErrorOfRow(int row, string problem) =>
        new(_reader.Source, string.Create(CultureInfo.InvariantCulture, $"line {row + _firstLine}, column {_encoder.Target + 1}: {problem}."));
}
