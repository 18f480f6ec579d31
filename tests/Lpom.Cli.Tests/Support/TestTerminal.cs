using System.Globalization;
using System.Text;

namespace Lpom.Cli.Tests.Support;

/// <summary>A terminal that wraps its lines anew when it becomes narrower: what it shows after what was written to it.</summary>
public sealed class TestTerminal(int columns, int rows) : MemoryStream
{
    private readonly StringBuilder _written = new();
    private readonly List<StringBuilder> _lines = [new()];
    private int _row, _column, _columns = columns;
    private bool _wraps = true;

    /// <summary>Everything that was shown, what has scrolled out of sight included.</summary>
    public string[] Lines => [.. _lines.Select(line => line.ToString().TrimEnd()).Reverse().SkipWhile(line => line.Length == 0).Reverse()];

    /// <summary>Characters that a line had no room for.</summary>
    public int Lost { get; private set; }

    public bool IsCursorHidden { get; private set; }

    public int Writes { get; private set; }

    public string Written => _written.ToString();

    /// <summary>Splits every line that is too long; the cursor, at the start of a line, stays with its text.</summary>
    public void Narrow(int columns)
    {
        _columns = columns;
        for (int i = 0; i < _lines.Count; i++)
        {
            string line = _lines[i].ToString().TrimEnd();
            if (line.Length <= columns)
                continue;
            (_lines[i], StringBuilder rest) = (new(line[..columns]), new(line[columns..]));
            _lines.Insert(i + 1, rest);
            _row += i < _row ? 1 : 0;
        }
    }

    public void Widen(int columns) => _columns = columns;

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Writes++;
        string text = Encoding.UTF8.GetString(buffer);
        _written.Append(text);
        Show(text);
    }

    public void Show(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\e')
                i = Obey(text, i + 2);
            else if (text[i] == '\r')
                _column = 0;
            else if (text[i] == '\n')
                MoveDown();
            else
                Put(text[i]);
        }
    }

    private int Obey(string text, int first)
    {
        int end = first;
        while (!char.IsAsciiLetter(text[end]))
            end++;
        string argument = text[first..end];
        switch (text[end])
        {
            case 'A':
                _row = Math.Max(Math.Max(0, _lines.Count - rows), _row - int.Parse(argument, CultureInfo.InvariantCulture));
                break;
            case 'K':
                _lines[_row].Length = Math.Min(_lines[_row].Length, _column);
                break;
            case 'J':
                _lines[_row].Length = Math.Min(_lines[_row].Length, _column);
                _lines.RemoveRange(_row + 1, _lines.Count - _row - 1);
                break;
            case 'h' or 'l' when argument == "?7":
                _wraps = text[end] == 'h';
                break;
            case 'h' or 'l' when argument == "?25":
                IsCursorHidden = text[end] == 'l';
                break;
            case 'h' or 'l' when argument == "?2026":
            case 'm':
                break;
            default:
                Assert.Fail($"\\e[{argument}{text[end]} is no sequence of the display");
                break;
        }

        return end;
    }

    private void MoveDown()
    {
        if (++_row == _lines.Count)
            _lines.Add(new());
    }

    private void Put(char character)
    {
        if (_column == _columns && !_wraps)
        {
            Lost++;
            return;
        }

        if (_column == _columns)
        {
            MoveDown();
            _column = 0;
        }

        StringBuilder line = _lines[_row];
        line.Append(' ', Math.Max(0, _column + 1 - line.Length));
        line[_column++] = character;
    }
}
