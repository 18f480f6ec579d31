namespace Lpom.Data;

/// <summary>The classes of an NPY array's rows, one integer each.</summary>
internal sealed class ClassColumn
{
    private readonly NpyArray _array;
    private readonly ClassList _classes;
    private readonly Func<string, DataFormatException> _error;
    private (int Row, int Column) _place;

    /// <param name="array">Where the classes are.</param>
    /// <param name="classNames">As in <see cref="NpyReader.ReadTable"/>.</param>
    public ClassColumn(NpyArray array, IReadOnlyList<string>? classNames)
    {
        _array = array;
        _classes = new ClassList(classNames);
        Labels = new int[array.Rows];
        _error = problem => array.Error(_place.Row, _place.Column, problem);
    }

    /// <summary>The label of each row.</summary>
    public int[] Labels { get; }

    /// <summary>The name of each class, by label.</summary>
    public IReadOnlyList<string> Names => _classes.Names;

    /// <summary>Reads an array that holds classes and nothing else.</summary>
    /// <param name="array">[rows], or [rows × 1].</param>
    /// <param name="inputs">The array of the same rows' inputs.</param>
    /// <param name="classNames">As in <see cref="NpyReader.ReadTable"/>.</param>
    public static ClassColumn Read(NpyArray array, NpyArray inputs, IReadOnlyList<string>? classNames)
    {
        if (array.RowLength != 1)
            throw new DataFormatException(array.Path, $"is {array.Header.Description}; expected one class a row, as an integer.");
        if (array.Rows != inputs.Rows)
            throw new DataFormatException(array.Path, $"has {array.Rows} classes, but {inputs.Path} has {inputs.Rows} rows; expected as many.");
        var column = new ClassColumn(array, classNames);
        array.ReadValues<double>(column.Put);
        column.Finish("");
        return column;
    }

    /// <summary>Takes the class of a row.</summary>
    public void Put(int row, int column, double value)
    {
        _place = (row, column);
        string name = ClassList.Name(value) ?? throw _error(FormattableString.Invariant($"is {value}; expected a class, which is an integer"));
        Labels[row] = _classes.Label(name, _error);
    }

    /// <inheritdoc cref="ClassList.Finish"/>
    public void Finish(string place) => _classes.Finish(Labels, _array.Path, place);
}
