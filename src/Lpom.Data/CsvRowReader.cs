using System.Globalization;
using System.Text;

namespace Lpom.Data;

/// <summary>
/// Reads delimited text a line at a time: UTF-8, an optional byte order mark, LF or CRLF, fields that may be quoted
/// ("" is a quote; a quoted field ends on its line). The delimiter is the comma, or the semicolon or tab when the first
/// line has no comma but has one of these. A line is returned as soon as it is complete, so interactive input works.
/// </summary>
/// <remarks>Lines are bounded by <see cref="MaxLineBytes"/>. Blank lines are allowed at the end only. Allocates only when a line outgrows all before it.</remarks>
public sealed class CsvRowReader
{
    /// <summary>Longest line, in bytes: 16 MiB.</summary>
    public const int MaxLineBytes = 16 << 20;

    private const int FirstBuffer = 64 << 10, MaxQuotedText = 40;

    private readonly ByteSource _read;
    private readonly string _name;
    private byte[] _buffer = new byte[FirstBuffer];
    private int _start, _end;
    private bool _atEnd;
    private byte _delimiter;
    private (int Start, int Length)[] _fields = new (int, int)[64];

    /// <summary>Gives up to the buffer's length of bytes; 0 is the end.</summary>
    internal delegate int ByteSource(Span<byte> buffer);

    /// <summary>Reads a stream, for example the standard input.</summary>
    /// <param name="stream">Not disposed of.</param>
    /// <param name="name">What errors call it.</param>
    public CsvRowReader(Stream stream, string name) : this(stream.Read, name)
    {
    }

    internal CsvRowReader(ByteSource read, string name)
    {
        _read = read;
        _name = name;
    }

    /// <summary>Number of the current line, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Number of fields of the current line.</summary>
    public int Fields { get; private set; }

    /// <summary>Goes to the next line; false at the end.</summary>
    /// <exception cref="DataFormatException">A line is too long, a quoted field does not end, or a blank line is followed by others. The next call goes on with the line after it, but after too long a line.</exception>
    public bool Read()
    {
        long blank = 0;
        while (NextLine(out int start, out int length))
        {
            if (length == 0)
            {
                blank = blank == 0 ? Line : blank;
                continue;
            }

            if (blank != 0)
            {
                _start = start;
                Line--;
                throw new DataFormatException(_name, $"line {blank} is blank; blank lines are allowed at the end only.");
            }

            SplitFields(start, length);
            return true;
        }

        Fields = 0;
        return false;
    }

    /// <summary>A field's text, UTF-8, without quotes; spaces around unquoted text removed. Valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Field(int column)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, Fields);
        return _buffer.AsSpan(_fields[column].Start, _fields[column].Length);
    }

    /// <summary>True when the field reads as a number, finite or not.</summary>
    public bool IsNumber(int column) => TryParse(Field(column), out _);

    /// <summary>A field's number.</summary>
    /// <exception cref="DataFormatException">It is not a number, or not finite in float32; the message gives line and column.</exception>
    public float Number(int column)
    {
        ReadOnlySpan<byte> text = Field(column);
        if (!TryParse(text, out float value))
            throw Error(column, $"'{Printable(text)}' is not a number.");
        if (!float.IsFinite(value))
            throw Error(column, $"'{Printable(text)}' is not finite; expected a number below 3.4e38 in size.");
        return value;
    }

    /// <summary>An error at a field of the current line.</summary>
    internal DataFormatException Error(int column, string problem) => new(_name, $"line {Line}, column {column + 1}: {problem}");

    /// <summary>An error at the current line.</summary>
    internal DataFormatException Error(string problem) => new(_name, $"line {Line}: {problem}");

    /// <summary>Text for a one-line message: shortened, control characters replaced.</summary>
    internal static string Printable(ReadOnlySpan<byte> text)
    {
        string shown = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxQuotedText)]);
        shown = string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c));
        return text.Length > MaxQuotedText ? shown + "…" : shown;
    }

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

    /// <summary>The next line in the buffer, without its end; false at the end of the input.</summary>
    private bool NextLine(out int start, out int length)
    {
        int scanned = _start;
        while (true)
        {
            int newline = _buffer.AsSpan(scanned, _end - scanned).IndexOf((byte)'\n');
            if (newline >= 0 || (_atEnd && _end > _start))
            {
                int stop = newline >= 0 ? scanned + newline : _end;
                start = _start;
                _start = newline >= 0 ? stop + 1 : stop;
                Line++;
                start += Line == 1 && _buffer.AsSpan(start, stop - start).StartsWith("\uFEFF"u8) ? 3 : 0;
                length = stop - start;
                length -= length > 0 && _buffer[stop - 1] == '\r' ? 1 : 0;
                return true;
            }

            if (_atEnd)
            {
                (start, length) = (0, 0);
                return false;
            }

            int unread = _end - _start;
            Fill();
            scanned = _start + unread;
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_end >= MaxLineBytes)
                throw new DataFormatException(_name, $"line {Line + 1} is longer than {MaxLineBytes} bytes.");
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, MaxLineBytes));
        }

        int read = _read(_buffer.AsSpan(_end));
        _end += read;
        _atEnd = read == 0;
    }

    private void SplitFields(int start, int length)
    {
        Span<byte> line = _buffer.AsSpan(start, length);
        if (_delimiter == 0)
            _delimiter = FindDelimiter(line);
        Fields = 0;
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

    private void AddField((int Start, int Length) field)
    {
        if (Fields == _fields.Length)
            Array.Resize(ref _fields, Fields * 2);
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
