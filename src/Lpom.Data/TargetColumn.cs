namespace Lpom.Data;

/// <summary>What the rows of an NPY array are to give, a value each.</summary>
internal sealed class TargetColumn
{
    private readonly NpyArray _array;
    private readonly double[] _values;
    private readonly TableBounds _bounds;
    private int _column;

    /// <param name="array">Where the values are.</param>
    /// <param name="inputs">The array of the same rows' inputs; null where it is the same.</param>
    public TargetColumn(NpyArray array, NpyArray? inputs = null)
    {
        _array = array;
        _bounds = new TableBounds(() => array.ContentBytes + (inputs?.ContentBytes ?? 0));
        _values = new double[array.Rows];
    }

    /// <summary>Reads an array that holds targets and nothing else: a class a row, or one number or more.</summary>
    /// <param name="array">[rows], [rows × 1], or [rows × numbers].</param>
    /// <param name="inputs">The array of the same rows' inputs.</param>
    /// <param name="request">What is asked of the targets.</param>
    /// <exception cref="DataFormatException">Another number of rows, or values that are no targets.</exception>
    public static RowTargets Read(NpyArray array, NpyArray inputs, DataRequest request)
    {
        if (array.Rows != inputs.Rows)
            throw new DataFormatException(array.Path, $"has {array.Rows} targets, but {inputs.Path} has {inputs.Rows} rows; expected as many.");
        if (array.RowLength != 1 && request.Kind == TargetKind.Numbers)
            return ReadNumbers(array);
        if (array.RowLength != 1)
            throw new DataFormatException(array.Path, $"is {array.Header.Description}; expected one class a row, as an integer.");
        var column = new TargetColumn(array, inputs);
        array.ReadValues<double>(column.Put);
        return column.ToTargets(request, "y", "");
    }

    /// <summary>Takes the value of a row.</summary>
    public void Put(int row, int column, double value)
    {
        _column = column;
        _values[row] = value;
    }

    /// <inheritdoc cref="RowTargets.Of"/>
    public RowTargets ToTargets(DataRequest request, string name, string place) =>
        RowTargets.Of(_values, request, name, _array.Path, place, (row, problem) => _array.Error(row, _column, problem.TrimEnd('.')), _bounds);

    private static RowTargets ReadNumbers(NpyArray array)
    {
        var numbers = new float[array.Length];
        array.ReadFloats(numbers, 0);
        return RowTargets.OfNumbers(numbers, [.. Enumerable.Range(1, array.RowLength).Select(i => FormattableString.Invariant($"y{i}"))]);
    }
}
