using System.Globalization;

namespace Lpom.Data;

/// <summary>The classes of a file's rows: those of a model, by label; or those that the rows name, as they come and sorted in the end.</summary>
internal sealed class ClassList
{
    /// <summary>Letters of the longest name that is a number.</summary>
    public const int LongestNumber = 11;

    private readonly List<string> _names = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly TableBounds? _bounds;
    private bool _isClosed;

    /// <param name="given">A model's classes, by label; null for those of the rows.</param>
    /// <param name="bounds">Of the table whose rows name them; null where none do.</param>
    /// <exception cref="ArgumentException">A name is given twice.</exception>
    public ClassList(IReadOnlyList<string>? given, TableBounds? bounds)
    {
        _bounds = bounds;
        foreach (string name in given ?? [])
            Add(name);
        _isClosed = given is not null;
    }

    /// <summary>The name of each class, by label.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The name of a class that is a number, in its plain form, so that 1 and 1.0 are one class.</summary>
    /// <param name="number">The number.</param>
    /// <param name="name">At least <see cref="LongestNumber"/>; overwritten.</param>
    /// <param name="length">That of the name.</param>
    /// <returns>False for no integer.</returns>
    public static bool TryName(double number, Span<char> name, out int length)
    {
        length = 0;
        return number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue && ((long)number).TryFormat(name, out length, provider: CultureInfo.InvariantCulture);
    }

    /// <summary>Names in numerical order if all are integers, else in ordinal order.</summary>
    public static string[] InOrder(IEnumerable<string> names)
    {
        string[] sorted = [.. names.Order(StringComparer.Ordinal)];
        return sorted.All(name => long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            ? [.. sorted.OrderBy(name => long.Parse(name, CultureInfo.InvariantCulture))]
            : sorted;
    }

    /// <summary>A row's label.</summary>
    /// <param name="name">The class that the row names.</param>
    /// <param name="error">Makes the error, which knows the place.</param>
    /// <exception cref="DataFormatException">The class is unknown, or there are too many.</exception>
    public int Label(ReadOnlySpan<char> name, Func<string, DataFormatException> error)
    {
        if (_labels.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out int label))
            return label;
        if (_isClosed)
            throw error($"class '{CsvRowReader.Printable(name.ToString())}' is unknown; expected one of {_names.Count}: {Sample}.");
        if (_names.Count == CsvReader.MaxClasses)
            throw error($"more than {CsvReader.MaxClasses} different classes; expected classes, which rows share.");
        if (_bounds?.HasClasses(_names.Count + 1) == false)
            throw error($"more than {_names.Count} different classes in a table of {_bounds.Content} bytes; expected classes, which rows share.");
        return Add(name.ToString());
    }

    /// <summary>Sorts the classes that the rows named, in numerical (if all are integers) or ordinal order; more are refused from now on.</summary>
    /// <param name="labels">The rows' labels, at least one; renumbered.</param>
    /// <param name="path">The file.</param>
    /// <param name="place">Where in it the classes are, for messages: a phrase after a space, or nothing.</param>
    /// <exception cref="DataFormatException">One class, or so many that they must be something else.</exception>
    public void Finish(int[] labels, string path, string place)
    {
        if (_isClosed)
            return;
        if (_names.Count < 2)
            throw new DataFormatException(path, $"every row is of class '{CsvRowReader.Printable(_names[0])}'; expected at least two classes{place}.");
        if (_names.Count > 2 && _names.Count * 2L > labels.Length)
            throw new DataFormatException(path, $"there are {_names.Count} different values in {labels.Length} rows{place}; expected classes, which rows share.");
        Sort(labels);
        _isClosed = true;
    }

    private string Sample => string.Join(", ", _names.Take(10).Select(CsvRowReader.Printable)) + (_names.Count > 10 ? ", …" : "");

    private int Add(string name)
    {
        if (!_labels.TryAdd(name, _names.Count))
            throw new ArgumentException($"The class name '{name}' is given twice.", nameof(name));
        _names.Add(name);
        return _names.Count - 1;
    }

    private void Sort(int[] labels)
    {
        string[] sorted = InOrder(_names);
        string[] found = _names.ToArray();
        for (int label = 0; label < sorted.Length; label++)
            _labels[sorted[label]] = label;
        for (int row = 0; row < labels.Length; row++)
            labels[row] = _labels[found[labels[row]]];
        _names.Clear();
        _names.AddRange(sorted);
    }
}
