namespace Lpom.Data;

/// <summary>What a user should know of a table's columns: of the first ones, and of how many more.</summary>
internal sealed class ColumnNotes
{
    private const int Most = 20;

    private readonly List<string> _notes = [];
    private int _more;

    /// <summary>All that is told.</summary>
    public IReadOnlyList<string> Texts => _more == 0 ? _notes : [.. _notes, $"as much may be said of {_more} more {(_more == 1 ? "column" : "columns")}"];

    /// <summary>Takes a note.</summary>
    /// <param name="column">What it is of.</param>
    /// <param name="make">Makes it of the column, if there is room.</param>
    public void Add(ColumnSummary column, Func<ColumnSummary, string> make)
    {
        if (_notes.Count < Most)
            _notes.Add(make(column));
        else
            _more++;
    }
}
