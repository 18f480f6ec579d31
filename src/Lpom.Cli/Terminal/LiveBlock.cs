using System.Buffers;
using System.Globalization;
using System.Text;

namespace Lpom.Cli.Terminal;

/// <summary>
/// The last lines of what a terminal shows, drawn anew in place. A frame is one write and allocates nothing. Lines are written over
/// and erased behind their ends, never cleared first: nothing flickers.
/// </summary>
/// <param name="terminal">What fails to be written to it is dropped, and nothing is written any more: the work goes on.</param>
/// <param name="encoding">Of its text.</param>
/// <param name="size">Asked for every frame.</param>
/// <param name="hasColour">Whether <see cref="Style"/> does anything.</param>
/// <remarks>The cursor is left at the start of the last line, where it stays when a terminal wraps its lines anew.</remarks>
internal sealed class LiveBlock(Stream terminal, Encoding encoding, Func<TerminalSize> size, bool hasColour)
{
    private const int MaxLines = 4, UsualFrame = 8 << 10;

    // A terminal that knows this shows a frame at once, and no part of it before.
    private const string Synchronize = "\e[?2026h", Present = "\e[?2026l";

    // A terminal that has become narrower since it was asked cuts the lines: had they been continued on others, the next frame would miss those.
    private const string CutLines = "\e[?7l", WrapLines = "\e[?7h";
    private const string EraseLineEnd = "\e[K", EraseBelow = "\e[J", NextLine = "\r\n", Plain = "\e[0m";

    private readonly ArrayBufferWriter<byte> _frame = new(UsualFrame);
    private readonly int[] _cells = new int[MaxLines];
    private int _lines;
    private TerminalSize _size;
    private bool _isGone;
    private bool _isStyled;
    private volatile bool _isElsewhere;

    /// <summary>Cells that a line of this frame has: one less than the terminal, whose last cell may break the line.</summary>
    public int Columns => Math.Max(1, _size.Columns - 1);

    /// <summary>Begins a frame.</summary>
    /// <param name="message">Stays above the block; null for none. One line, which the terminal may wrap.</param>
    public void Begin(string? message = null)
    {
        _size = size();
        Put(Synchronize);
        MoveToTop();
        if (message is not null)
        {
            Put(EraseBelow);
            Put(message);
            Put(NextLine);
        }

        Put(CutLines);
        _lines = 0;
    }

    /// <summary>Begins a line of the frame.</summary>
    /// <returns>Whether there is room for it.</returns>
    public bool BeginLine()
    {
        if (_lines == Math.Clamp(_size.Rows - 1, 1, MaxLines))
            return false;
        if (_lines > 0)
        {
            Put(EraseLineEnd);
            Put(NextLine);
        }

        _cells[_lines++] = 0;
        return true;
    }

    /// <summary>Adds text, each character a cell wide, to the line. What does not fit is left out.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        ref int cells = ref _cells[_lines - 1];
        text = text[..Math.Min(text.Length, Columns - cells)];
        Put(text);
        cells += text.Length;
    }

    /// <summary>Begins a part of the line in another colour, such as <c>\e[36m</c>.</summary>
    public void Style(string sequence)
    {
        if (!hasColour)
            return;
        Put(sequence);
        _isStyled = true;
    }

    /// <summary>Ends what <see cref="Style"/> began.</summary>
    public void EndStyle()
    {
        if (!_isStyled)
            return;
        Put(Plain);
        _isStyled = false;
    }

    /// <summary>Shows the frame.</summary>
    public void Show()
    {
        Put(EraseBelow);
        Put("\r");
        Put(WrapLines);
        Put(Present);
        Write();
    }

    /// <summary>Takes the block off the terminal.</summary>
    public void Erase()
    {
        Begin();
        Show();
    }

    /// <summary>The cursor may be anywhere now: the next frame begins where it is.</summary>
    public void Forget() => _isElsewhere = true;

    private void MoveToTop()
    {
        int rows = _isElsewhere ? 0 : RowsAboveCursor();
        _isElsewhere = false;
        if (rows > 0)
        {
            Span<char> sequence = stackalloc char[16];
            _ = sequence.TryWrite(CultureInfo.InvariantCulture, $"\e[{rows}A", out int length);
            Put(sequence[..length]);
        }

        Put("\r");
    }

    // A line that a narrower terminal has wrapped takes several rows.
    private int RowsAboveCursor()
    {
        int rows = 0;
        for (int i = 0; i < _lines - 1; i++)
            rows += Math.Max(1, (_cells[i] + _size.Columns - 1) / _size.Columns);
        return Math.Min(rows, _size.Rows - 1);
    }

    private void Put(ReadOnlySpan<char> text) => encoding.GetBytes(text, _frame);

    private void Write()
    {
        if (!_isGone)
        {
            try
            {
                terminal.Write(_frame.WrittenSpan);
            }
            catch (IOException)
            {
                _isGone = true;
            }
        }

        _frame.ResetWrittenCount();
    }
}
