namespace Lpom.Data;

/// <summary>
/// How much of a table may be told apart, by the bytes of its content: all that a reader allocates, garbage included, is to stay within
/// ten times them and a megabyte, and a column, a class or a text of two bytes takes a hundred and more.
/// </summary>
/// <param name="countContent">Counts the bytes; called once, for a table beyond what any may have.</param>
internal sealed class TableBounds(Func<long> countContent)
{
    /// <summary>Columns that any table may have; each further one takes <see cref="BytesOfColumn"/> of content.</summary>
    public const int FreeColumns = 1000;

    /// <summary>Bytes of content for each further column: 16 rows of a number with four letters, or 32 of digits.</summary>
    public const int BytesOfColumn = 64;

    private const int FreeClasses = 1000, BytesOfClass = 40, FreeTexts = 400_000, ShareOfTexts = 3;

    private long? _content;
    private long _texts;

    /// <summary>The bytes.</summary>
    public long Content => _content ??= countContent();

    /// <summary>Whether so many columns may be.</summary>
    public bool HasColumns(int columns) => columns <= FreeColumns || (long)(columns - FreeColumns) * BytesOfColumn <= Content;

    /// <summary>Whether so many classes may be.</summary>
    public bool HasClasses(int classes) => classes <= FreeClasses || (long)(classes - FreeClasses) * BytesOfClass <= Content;

    /// <summary>Whether memory may be taken to tell texts, or numbers, apart.</summary>
    /// <param name="bytes">Counted if it may.</param>
    public bool TryTake(int bytes)
    {
        long taken = _texts + bytes;
        if (taken > FreeTexts && taken - FreeTexts > ShareOfTexts * Content)
            return false;
        _texts = taken;
        return true;
    }
}
