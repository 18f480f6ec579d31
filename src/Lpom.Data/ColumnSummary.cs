namespace Lpom.Data;

/// <summary>What a column of a table's file holds.</summary>
public sealed class ColumnSummary
{
    private static readonly Dictionary<string, long> NoTexts = [];
    private static readonly HashSet<float> NoNumbers = [];

    // Doubling leaves more behind of a thousand.
    private const int Growth = 4;

    // Made when they are needed: a file may have many columns, most have one of them at most.
    private HashSet<float>? _numbers;
    private Dictionary<string, long>? _texts;
    private long _notFinite;
    private double _sum;
    private float _last = float.NaN;

    internal ColumnSummary(string name) => Name = name;

    /// <summary>Most different numbers, and most different texts, that are told apart.</summary>
    public static int MostDifferent => 1000;

    /// <summary>From the header, or <c>column 3</c>.</summary>
    public string Name { get; }

    /// <summary>Cells that are numbers.</summary>
    public long Numbers { get; private set; }

    /// <summary>Cells that are text.</summary>
    public long Texts { get; private set; }

    /// <summary>Cells with nothing in them, or <c>?</c>, <c>NA</c>, <c>N/A</c>, <c>null</c>.</summary>
    public long Missing { get; private set; }

    /// <summary>The least number; +∞ without one.</summary>
    public float Least { get; private set; } = float.PositiveInfinity;

    /// <summary>The largest number; −∞ without one.</summary>
    public float Most { get; private set; } = float.NegativeInfinity;

    /// <summary>Whether no number has a fraction.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Mean of the numbers; NaN without one.</summary>
    public double Mean => _sum / Numbers;

    /// <summary>Different numbers and texts, as far as they are counted.</summary>
    public int Different => DifferentNumbers.Count + TextRows.Count;

    /// <summary>Whether there may be more than <see cref="Different"/>.</summary>
    public bool HasMore => DifferentNumbers.Count >= MostDifferent || TextRows.Count >= MostDifferent;

    /// <summary>The different texts, as far as they are counted, and the rows of each.</summary>
    public IReadOnlyDictionary<string, long> TextRows => _texts ?? NoTexts;

    /// <summary>The different numbers, as far as they are counted.</summary>
    public IReadOnlySet<float> DifferentNumbers => _numbers ?? NoNumbers;

    /// <summary>The line of the first cell that is no finite number; 0 without one.</summary>
    internal long FirstTextLine { get; private set; }

    /// <summary>That cell's text.</summary>
    internal string FirstText => TextRows.Keys.First();

    /// <summary>Whether it is a number all the same, which is not finite.</summary>
    internal bool FirstTextIsNumber { get; private set; }

    /// <summary>Whether most of what is there is text.</summary>
    public bool IsText => Texts * 2 > Cells;

    /// <summary>Cells with something in them.</summary>
    internal long Cells => Numbers + Texts + _notFinite;

    internal void AddMissing() => Missing++;

    internal void Add(float number)
    {
        Numbers++;
        _sum += number;
        Least = Math.Min(Least, number);
        Most = Math.Max(Most, number);
        IsWhole = IsWhole && MathF.Floor(number) == number;
        // Neighbours are often the same: most pixels are.
        if (number != _last && DifferentNumbers.Count < MostDifferent)
            AddDifferent(number);
        _last = number;
    }

    /// <summary>Adds what is no finite number.</summary>
    internal void AddText(ReadOnlySpan<char> text, CsvRowReader reader, int column)
    {
        bool isNumber = reader.IsNumber(column);
        if (isNumber)
            _notFinite++;
        else
            Texts++;
        if (_texts is null)
            (FirstTextLine, FirstTextIsNumber) = (reader.Line, isNumber);
        _texts ??= new Dictionary<string, long>(StringComparer.Ordinal);
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> texts = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        if (texts.TryGetValue(text, out long rows))
            texts[text] = rows + 1;
        else if (_texts.Count < MostDifferent)
        {
            if (_texts.Count == _texts.Capacity)
                _texts.EnsureCapacity(Grown(_texts.Count));
            texts[text] = 1;
        }
    }

    private void AddDifferent(float number)
    {
        _numbers ??= [];
        if (_numbers.Count == _numbers.Capacity)
            _numbers.EnsureCapacity(Grown(_numbers.Count));
        _numbers.Add(number);
    }

    private static int Grown(int count) => Math.Min(Growth * count, MostDifferent);
}
