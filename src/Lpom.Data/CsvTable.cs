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
    private readonly TableBounds _bounds;
    private readonly GrowingArray<float> _cells;
    private readonly GrowingArray<int> _labels;
    private readonly GrowingArray<double> _numbers;
    private readonly long _firstLine;

    private CsvTable(CsvRowReader reader, TableSchema schema, TableScan? scan, DataRequest request, bool hasTextTarget, TableBounds bounds)
    {
        (_reader, _request, Schema, _bounds) = (reader, request, schema, bounds);
        _encoder = scan is null ? TableRowEncoder.Create(reader, schema) : TableRowEncoder.OfScanned(reader, schema, scan.HasHeader);
        _firstLine = _encoder.HasHeader ? 2 : 1;
        _classes = hasTextTarget ? new ClassList(request.ClassNames, bounds) : null;
        // Too many cells are an error of the row that is one too many.
        int rows = (int)Math.Min(scan?.Rows ?? 0, Array.MaxLength / Math.Max(1, schema.Cells));
        _cells = new GrowingArray<float>(rows * schema.Cells);
        _labels = new GrowingArray<int>(hasTextTarget ? rows : 0);
        _numbers = new GrowingArray<double>(hasTextTarget ? 0 : rows);
        _classError = problem => _reader.Error(_encoder.Target, problem);
    }

    public TableSchema Schema { get; }

    /// <summary>[rows × <see cref="TableSchema.Cells"/>]; NaN where a number is missing.</summary>
    public float[] Cells { get; private set; } = [];

    public RowTargets Targets { get; private set; } = RowTargets.OfClasses([], []);

    /// <param name="source">The file.</param>
    /// <param name="schema">What its columns are.</param>
    /// <param name="scan">What the columns were chosen by; null for those of a model.</param>
    /// <param name="request">What is asked of the target.</param>
    /// <param name="hasTextTarget">Whether a target is a text.</param>
    /// <param name="bounds">Of the file.</param>
    /// <exception cref="DataFormatException">A bad row, or columns other than those of a model.</exception>
    public static CsvTable Read(SourceFile source, TableSchema schema, TableScan? scan, DataRequest request, bool hasTextTarget, TableBounds bounds)
    {
        using var reader = new CsvRowReader(source);
        if (!reader.Read())
            throw new DataFormatException(source.Path, "has no rows.");
        var table = new CsvTable(reader, schema, scan, request, hasTextTarget, bounds);
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
        if (_reader.Field(target).Length > CsvRowReader.ShortText)
            throw _reader.Error(target, $"class '{CsvRowReader.Printable(_reader.Field(target))}' has {_reader.Field(target).Length} bytes; expected a name of {CsvRowReader.ShortText} at most.");
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
            Targets = RowTargets.Of(_numbers.ToArray(), _request, Schema.Target, path, place, ErrorOfRow, _bounds);
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
