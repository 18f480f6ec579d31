using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Lpom.Data;

/// <summary>
/// Reads delimited text a line at a time: UTF-8, an optional byte order mark, LF or CRLF, fields that may be quoted
/// ("" is a quote; a quoted field ends on its line). The delimiter is the comma, or the semicolon or tab when the first
/// line has no comma but has one of these. A line is returned as soon as it is complete, so interactive input works.
/// </summary>
/// <remarks>
/// <para>The first line is a header when its feature columns have names and none is a number; or when it numbers its columns, as pandas
/// does without names: 0, 1, 2 … or 1, 2, 3 … in at least three feature columns, and in the class column, if there is one,
/// the next number or no number. (A first row of data that counts like this is taken for a header.)</para>
/// <para>Lines are bounded by <see cref="MaxLineBytes"/> and <see cref="MaxFields"/>. Blank lines are allowed at the end only. Allocates only when a line outgrows all before it.</para>
/// </remarks>
public sealed class CsvRowReader : IDisposable
{
    /// <summary>Longest line, in bytes: 16 MiB.</summary>
    public const int MaxLineBytes = 16 << 20;

    /// <summary>Most fields of a line.</summary>
    public const int MaxFields = 1 << 18;

    /// <summary>Room for the text of most fields.</summary>
    internal const int ShortText = 256;

    private const int FirstBuffer = 64 << 10, MaxQuotedText = 40, LeastNumberedColumns = 3, LongestMagic = 4, ByteOrderMark = 3;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ByteInput _input;
    private readonly ReadBuffer _buffer;
    private (int Start, int Length)[] _fields = new (int, int)[64];
    private byte _delimiter;
    private bool _startIsChecked;

    // The next line, once its end is found: its length without and with the end. Both are 0 at the end of the input.
    private bool _isFound;
    private int _scanned, _length, _lengthWithEnd;
    private long _blankLines;

    /// <summary>Reads a stream, for example the standard input.</summary>
    /// <param name="stream">Not disposed of.</param>
    /// <param name="name">What errors call it.</param>
    public CsvRowReader(Stream stream, string name) : this(new StreamInput(stream, name))
    {
    }

    internal CsvRowReader(ByteInput input)
    {
        _input = input;
        _buffer = new ReadBuffer(input, FirstBuffer, MaxLineBytes);
    }

    /// <summary>Opens a file, plain or gzip.</summary>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">It cannot be read.</exception>
    public static CsvRowReader Open(string path) => new(SourceFile.Open(path));

    /// <summary>Closes the file of <see cref="Open"/>.</summary>
    public void Dispose()
    {
        _buffer.Dispose();
        _input.Dispose();
    }

    /// <summary>What errors call the input.</summary>
    internal string Source => _input.Path;

    /// <summary>Number of the current line, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Number of fields of the current line.</summary>
    public int Fields { get; private set; }

    /// <summary>Whether <see cref="Read"/> need not wait: the next line is here as a whole, or the end is.</summary>
    public bool HasRow
    {
        get
        {
            while (FindLine())
            {
                if (_length > 0 || _lengthWithEnd == 0)
                    return true;
                TakeLine();
                _blankLines++;
            }

            return false;
        }
    }

    /// <summary>Reads once from the source, which may wait.</summary>
    /// <exception cref="DataFormatException">A line is too long, or this is no text.</exception>
    public void ReadAhead()
    {
        if (!_buffer.TryFill())
            throw new DataFormatException(_input.Path, $"line {Line + _blankLines + 1} is longer than {MaxLineBytes} bytes.");
        if (!_startIsChecked && (_buffer.Unread.Length >= LongestMagic || _buffer.AtEnd))
            CheckStart();
    }

    /// <summary>Goes to the next line; false at the end.</summary>
    /// <exception cref="DataFormatException">A line is too long, has too many fields, a quoted field does not end, or a blank line is followed by others. The next call goes on with the line after it, but after too long a line.</exception>
    public bool Read()
    {
        while (!HasRow)
            ReadAhead();
        Fields = 0;
        if (_lengthWithEnd == 0)
        {
            Line += _blankLines;
            _blankLines = 0;
            return false;
        }

        Line++;
        if (_blankLines > 0)
        {
            _blankLines--;
            throw new DataFormatException(_input.Path, $"line {Line} is blank; blank lines are allowed at the end only.");
        }

        (int start, int length) = (_buffer.Start, _length);
        TakeLine();
        SplitFields(start, length);
        return true;
    }

    /// <summary>A field's text, UTF-8, without quotes; spaces around unquoted text removed. Valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Field(int column)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, Fields);
        return _buffer.Slice(_fields[column].Start, _fields[column].Length);
    }

    /// <summary>A field's text.</summary>
    /// <exception cref="DataFormatException">It is not UTF-8; the message gives line and column.</exception>
    public string Text(int column)
    {
        try
        {
            return StrictUtf8.GetString(Field(column));
        }
        catch (DecoderFallbackException e)
        {
            throw Error(column, $"'{Printable(Field(column))}' is not UTF-8 text.", e);
        }
    }

    /// <summary>A field's text, in a buffer where that has room for it.</summary>
    /// <param name="column">Its index.</param>
    /// <param name="buffer">Overwritten.</param>
    /// <exception cref="DataFormatException">It is not UTF-8; the message gives line and column.</exception>
    internal ReadOnlySpan<char> Text(int column, Span<char> buffer)
    {
        ReadOnlySpan<byte> field = Field(column);
        bool isDecoded = Utf8.ToUtf16(field, buffer, out _, out int length, replaceInvalidSequences: false) == OperationStatus.Done;
        return isDecoded ? buffer[..length] : Text(column);
    }

    /// <summary>True when the field reads as a number, finite or not.</summary>
    public bool IsNumber(int column) => TryParse(Field(column), out _);

    /// <summary>Whether the current line, to be asked of the first one, is a header: see the remarks on this class.</summary>
    /// <param name="features">Number of feature columns, from the left; the class column, if there is one, is the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">The line has fewer fields.</exception>
    public bool IsHeader(int features) => IsHeader(features, features);

    /// <summary>The same with the class column anywhere.</summary>
    /// <param name="features">Number of feature columns.</param>
    /// <param name="target">Index of the class column; beyond the line's end for none.</param>
    internal bool IsHeader(int features, int target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(features, Fields);
        bool hasNames = false;
        for (int column = 0; column < Fields; column++)
        {
            if (column == target)
                continue;
            if (IsNumber(column))
                return NumbersItsColumns(features, target);
            hasNames |= !IsMissing(column);
        }

        return hasNames;
    }

    /// <summary>A field's number.</summary>
    /// <exception cref="DataFormatException">It is not a number, or not finite in float32; the message gives line and column.</exception>
    public float Number(int column) => TryFiniteNumber(column, out float value) ? value : throw NumberError(column);

    /// <summary>Whether a field has nothing in it, or one of the usual signs for nothing: <c>?</c>, <c>NA</c>, <c>N/A</c>, <c>null</c>.</summary>
    public bool IsMissing(int column) => Field(column) switch
    {
        [] or [(byte)'?'] => true,
        { Length: 2 } text => Ascii.EqualsIgnoreCase(text, "NA"u8),
        { Length: 3 } text => Ascii.EqualsIgnoreCase(text, "N/A"u8),
        { Length: 4 } text => Ascii.EqualsIgnoreCase(text, "null"u8),
        _ => false,
    };

    /// <summary>A field's number; false when there is none that is finite in float32.</summary>
    internal bool TryFiniteNumber(int column, out float value) => TryParse(Field(column), out value) && float.IsFinite(value);

    /// <summary>The error of a field that is no finite number.</summary>
    internal DataFormatException NumberError(int column) => NumberError(_input.Path, Line, column, Printable(Field(column)), IsNumber(column));

    /// <summary>The same of a field that was read before.</summary>
    internal static DataFormatException NumberError(string path, long line, int column, string text, bool isNumber)
    {
        string problem = isNumber ? "is not finite; expected a number below 3.4e38 in size." : "is not a number.";
        return new(path, string.Create(CultureInfo.InvariantCulture, $"line {line}, column {column + 1}: '{text}' {problem}"));
    }

    /// <summary>An error at a field of the current line.</summary>
    internal DataFormatException Error(int column, string problem, Exception? inner = null) => new(_input.Path, $"line {Line}, column {column + 1}: {problem}", inner);

    /// <summary>An error at the current line.</summary>
    internal DataFormatException Error(string problem) => new(_input.Path, $"line {Line}: {problem}");

    /// <summary>Text for a one-line message: shortened, control characters replaced.</summary>
    internal static string Printable(ReadOnlySpan<byte> text) => Printable(Encoding.UTF8.GetString(text[..Math.Min(text.Length, 4 * MaxQuotedText)]));

    /// <inheritdoc cref="Printable(ReadOnlySpan{byte})"/>
    internal static string Printable(string text)
    {
        string shown = string.Concat(text.Take(MaxQuotedText).Select(c => char.IsControl(c) ? '?' : c));
        return text.Length > MaxQuotedText ? shown + "…" : shown;
    }

    private bool NumbersItsColumns(int features, int target)
    {
        int first = target == 0 ? 1 : 0;
        if (features < LeastNumberedColumns || !TryInteger(first, out int start) || start - first is not (0 or 1))
            return false;
        for (int column = 0; column < Fields; column++)
        {
            bool counts = TryInteger(column, out int number) && number == start - first + column;
            if (!counts && (column != target || IsNumber(column)))
                return false;
        }

        return true;
    }

    private bool TryInteger(int column, out int value) =>
        int.TryParse(Field(column), NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool TryParse(ReadOnlySpan<byte> text, out float value)
    {
        // Pixels are short integers: this path takes a tenth of the general parser's time.
        if (text.Length is > 0 and <= 7)
        {
            int integer = 0, i = 0;
            while (i < text.Length && (uint)(text[i] - '0') <= 9)
                integer = integer * 10 + (text[i++] - '0');
            if (i == text.Length)
            {
                value = integer;
                return true;
            }
        }

        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Looks for the end of the next line in what has been read; false when it is not there yet.</summary>
    private bool FindLine()
    {
        if (_isFound)
            return true;
        ReadOnlySpan<byte> unread = _buffer.Unread;
        int newline = unread[_scanned..].IndexOf((byte)'\n');
        if (newline < 0 && !_buffer.AtEnd)
        {
            _scanned = unread.Length;
            return false;
        }

        _length = newline < 0 ? unread.Length : _scanned + newline;
        _lengthWithEnd = newline < 0 ? _length : _length + 1;
        if (Line + _blankLines == 0 && unread.StartsWith("\uFEFF"u8))
        {
            _buffer.Skip(ByteOrderMark);
            (_length, _lengthWithEnd) = (_length - ByteOrderMark, _lengthWithEnd - ByteOrderMark);
        }

        _length -= _length > 0 && _buffer.Unread[_length - 1] == '\r' ? 1 : 0;
        _isFound = true;
        return true;
    }

    private void TakeLine()
    {
        _buffer.Skip(_lengthWithEnd);
        (_isFound, _scanned) = (false, 0);
    }

    /// <summary>Tells what is no text of ours by its first bytes, before a line end is looked for in it.</summary>
    private void CheckStart()
    {
        _startIsChecked = true;
        string? found = Line + _blankLines > 0 ? null : _buffer.Unread switch
        {
            [0x1F, 0x8B, ..] => "is gzip data; expected CSV text, which zcat makes of it",
            [(byte)'P', (byte)'K', 3, 4, ..] => "is a ZIP archive, as NPZ and spreadsheets are; expected CSV text. NPZ is read when the file is named",
            [0x93, (byte)'N', ..] => "is binary, as NPY files are; expected CSV text",
            [0, 0, ..] => "is binary, as IDX files are; expected CSV text",
            [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => "line 1 is UTF-16; expected UTF-8",
            _ => null,
        };
        if (found is not null)
            throw new DataFormatException(_input.Path, $"{found}.");
    }

    private void SplitFields(int start, int length)
    {
        Span<byte> line = _buffer.Slice(start, length);
        if (_delimiter == 0)
            _delimiter = FindDelimiter(line);
        Fields = 0;
        ExpectFields(line);
        int at = 0;
        while (true)
        {
            while (at < length && line[at] == ' ')
                at++;
            (int Start, int Length) field = at < length && line[at] == '"' ? Quoted(line, ref at) : Unquoted(line, ref at);
            AddField((start + field.Start, field.Length));
            if (at >= length)
                return;
            at++; // the delimiter
        }
    }

    private (int Start, int Length) Unquoted(Span<byte> line, ref int at)
    {
        int delimiter = line[at..].IndexOf(_delimiter);
        int first = at;
        at = delimiter < 0 ? line.Length : at + delimiter;
        int end = at;
        while (end > first && line[end - 1] is (byte)' ' or (byte)'\t')
            end--;
        return (first, end - first);
    }

    /// <summary>Removes a field's quotes where it stands in the buffer: the text never grows.</summary>
    private (int Start, int Length) Quoted(Span<byte> line, ref int at)
    {
        int first = ++at, write = first;
        while (true)
        {
            if (at >= line.Length)
                throw Error(Fields, "the quoted field does not end on its line.");
            if (line[at] == '"')
            {
                at++;
                if (at >= line.Length || line[at] != '"')
                    break;
            }

            line[write++] = line[at++];
        }

        while (at < line.Length && line[at] == ' ')
            at++;
        if (at < line.Length && line[at] != _delimiter)
            throw Error(Fields, $"text after a quoted field; expected the delimiter '{(char)_delimiter}'.");
        return (first, write - first);
    }

    // At once: of an array that is doubled and doubled again more is left behind than a line of a byte a field may take.
    private void ExpectFields(ReadOnlySpan<byte> line)
    {
        if (line.Length < _fields.Length)
            return;
        int most = Math.Min(line.Count(_delimiter) + 1, MaxFields);
        if (most > _fields.Length)
            _fields = new (int, int)[Math.Max(most, Math.Min(2 * _fields.Length, MaxFields))];
    }

    private void AddField((int Start, int Length) field)
    {
        if (Fields == MaxFields)
            throw Error($"has more than {MaxFields} fields, the most allowed.");
        _fields[Fields++] = field;
    }

    private static byte FindDelimiter(ReadOnlySpan<byte> line)
    {
        if (line.Contains((byte)','))
            return (byte)',';
        if (line.Contains((byte)';'))
            return (byte)';';
        return line.Contains((byte)'\t') ? (byte)'\t' : (byte)',';
    }
}
