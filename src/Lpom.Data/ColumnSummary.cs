namespace Lpom.Data;

/// <summary>What a column of a table's file holds.</summary>
public sealed class ColumnSummary
{
    // What the lists take, and each text, but for its letters, and number: here, as a category, and as an input.
    private const int BytesOfTexts = 450, BytesOfText = 110, BytesOfLetter = 2, BytesOfNumbers = 100, BytesOfNumber = 16;

    private static readonly IReadOnlyList<KeyValuePair<string, long>> NoTexts = [];
    private static readonly IReadOnlyList<float> NoNumbers = [];

    // Made when they are needed: a file may have many columns, most have one of them at most.
    private List<float>? _numbers;
    private List<KeyValuePair<string, long>>? _texts;
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
    public bool HasMore => IsCutShort || HasLongTexts || DifferentNumbers.Count >= MostDifferent || TextRows.Count >= MostDifferent;

    /// <summary>Whether a table of more bytes would tell more apart.</summary>
    internal bool IsCutShort { get; private set; }

    /// <summary>Whether there are texts too long to be told apart, which name nothing.</summary>
    internal bool HasLongTexts { get; private set; }

    /// <summary>The different texts in ordinal order, as far as they are counted, and the rows of each.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> TextRows => _texts ?? NoTexts;

    /// <summary>The different numbers, ascending, as far as they are counted.</summary>
    public IReadOnlyList<float> DifferentNumbers => _numbers ?? NoNumbers;

    /// <summary>The line of the first cell that is no finite number; 0 without one.</summary>
    internal long FirstTextLine { get; private set; }

    /// <summary>That cell's text, or its start.</summary>
    internal string FirstText { get; private set; } = "";

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
    }

    /// <summary>Tells a number of the column from the others.</summary>
    /// <param name="number">The number.</param>
    /// <param name="bounds">Of the table.</param>
    /// <param name="isText">Whether it is one among texts, a category like them.</param>
    internal void TellApart(float number, TableBounds bounds, bool isText)
    {
        // Neighbours are often the same: most pixels are.
        if (number == _last || DifferentNumbers.Count >= MostDifferent)
            return;
        _last = number;
        int place = _numbers?.BinarySearch(number) ?? ~0;
        if (place >= 0)
            return;
        if (isText ? bounds.TryTakeForTexts(BytesOfText) : bounds.TryTakeForNumbers(_numbers is null ? BytesOfNumbers : BytesOfNumber))
            (_numbers ??= []).Insert(~place, number);
        else
            IsCutShort = true;
    }

    /// <summary>Adds what is no finite number.</summary>
    internal void AddText(ReadOnlySpan<char> text, CsvRowReader reader, int column, TableBounds bounds)
    {
        if (FirstTextLine == 0)
            FirstText = text.ToString();
        Count(reader, column);
        int place = _texts is null ? ~0 : OrdinalOrder.IndexOf(_texts, static counted => counted.Key, text);
        if (place >= 0)
            _texts![place] = new(_texts[place].Key, _texts[place].Value + 1);
        else if (TextRows.Count < MostDifferent)
            Insert(~place, text, bounds);
    }

    /// <summary>Adds what is too long to be told from others.</summary>
    internal void AddLongText(CsvRowReader reader, int column)
    {
        if (FirstTextLine == 0)
            FirstText = CsvRowReader.Printable(reader.Field(column));
        Count(reader, column);
        HasLongTexts = true;
    }

    private void Count(CsvRowReader reader, int column)
    {
        bool isNumber = reader.IsNumber(column);
        if (isNumber)
            _notFinite++;
        else
            Texts++;
        if (FirstTextLine == 0)
            (FirstTextLine, FirstTextIsNumber) = (reader.Line, isNumber);
    }

    private void Insert(int place, ReadOnlySpan<char> text, TableBounds bounds)
    {
        if (bounds.TryTakeForTexts((_texts is null ? BytesOfTexts : BytesOfText) + (BytesOfLetter * text.Length)))
            (_texts ??= []).Insert(place, new(text.SequenceEqual(FirstText) ? FirstText : text.ToString(), 1));
        else
            IsCutShort = true;
    }
}
