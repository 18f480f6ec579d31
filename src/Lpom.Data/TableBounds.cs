namespace Lpom.Data;

/// <summary>
/// How much of a table may be told apart, by the bytes of its content: all that a reader allocates, garbage included, is to stay within
/// ten times them and a megabyte, and a column, a class or a text of two bytes takes a hundred and more.
/// </summary>
/// <param name="countContent">Counts the bytes; called once, for a table beyond what any may have.</param>
/// <param name="inputs">Inputs of the model that is measured on the table, for each of which there may be a column; 0 for none.</param>
internal sealed class TableBounds(Func<long> countContent, int inputs = 0)
{
    /// <summary>Columns that any table may have; each further one takes <see cref="BytesOfColumn"/> of content.</summary>
    public const int FreeColumns = 1000;

    /// <summary>Bytes of content for each further column: eleven rows of five digits and a comma.</summary>
    public const int BytesOfColumn = 64;

    private const int FreeClasses = 1000, BytesOfClass = 40;

    private long? _content;
    private Share _texts = new(Free: 450_000, Times: 3), _numbers = new(Free: 50_000, Times: 1);

    /// <summary>The bytes.</summary>
    public long Content => _content ??= countContent();

    /// <summary>Whether so many columns may be.</summary>
    public bool HasColumns(int columns) =>
        columns <= Math.Max(FreeColumns, inputs + 1) || (long)(columns - FreeColumns) * BytesOfColumn <= Content;

    /// <summary>Whether so many classes may be.</summary>
    public bool HasClasses(int classes) => classes <= FreeClasses || (long)(classes - FreeClasses) * BytesOfClass <= Content;

    /// <summary>Whether so many bytes of memory may be taken to tell texts apart; they are taken then.</summary>
    public bool TryTakeForTexts(int bytes) => TryTake(ref _texts, bytes);

    /// <summary>The same for numbers.</summary>
    public bool TryTakeForNumbers(int bytes) => TryTake(ref _numbers, bytes);

    private bool TryTake(ref Share share, int bytes)
    {
        long taken = share.Taken + bytes;
        if (taken > share.Free && taken - share.Free > share.Times * Content)
            return false;
        share = share with { Taken = taken };
        return true;
    }

    /// <summary>What may be taken: so many bytes, and so many times the content.</summary>
    private readonly record struct Share(int Free, int Times, long Taken = 0);
}
