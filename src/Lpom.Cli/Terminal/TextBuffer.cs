using System.Globalization;

namespace Lpom.Cli.Terminal;

/// <summary>Text that is put together in memory allocated once. What does not fit is left out.</summary>
internal sealed class TextBuffer(int capacity)
{
    /// <summary>Of what <see cref="AddFigure"/> adds.</summary>
    public const int FigureWidth = 6;

    private const int LongestNumber = 32, TimeWidth = 5, LargeWidth = 5;

    private readonly char[] _text = new char[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<char> Text => _text.AsSpan(0, Length);

    public TextBuffer Clear()
    {
        Length = 0;
        return this;
    }

    public TextBuffer Add(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, capacity - Length)];
        text.CopyTo(_text.AsSpan(Length));
        Length += text.Length;
        return this;
    }

    public TextBuffer Add(char character) => Add([character]);

    /// <summary>Adds text, behind spaces up to a width.</summary>
    public TextBuffer AddRight(ReadOnlySpan<char> text, int width)
    {
        for (int i = text.Length; i < width; i++)
            Add(' ');
        return Add(text);
    }

    /// <summary>Adds a number, behind spaces up to a width.</summary>
    public TextBuffer Add(long value, int width = 0)
    {
        Span<char> digits = stackalloc char[LongestNumber];
        _ = value.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        return AddRight(digits[..length], width);
    }

    /// <summary>Adds a number in a format that gives no more than a few digits.</summary>
    public TextBuffer Add(double value, ReadOnlySpan<char> format, int width = 0)
    {
        Span<char> digits = stackalloc char[LongestNumber];
        return value.TryFormat(digits, out int length, format, CultureInfo.InvariantCulture) ? AddRight(digits[..length], width) : this;
    }

    /// <summary>Adds a figure of any size, in as many cells: <c>0.0312</c>, <c>12.345</c>, <c>1.2E-5</c>.</summary>
    public TextBuffer AddFigure(double value) => Math.Abs(value) switch
    {
        0 => Add(value, "F4"),
        < 0.001 => Add(value, "0.0E0", FigureWidth),
        < 10 => Add(value, "F4"),
        < 100 => Add(value, "F3"),
        < 1000 => Add(value, "F2"),
        _ => Add(value, "0.0E0", FigureWidth),
    };

    /// <summary>Adds a large number to three digits: <c>  987</c>, <c>12.3k</c>, <c> 181k</c>, <c>1.23M</c>.</summary>
    public TextBuffer AddLarge(double value) => value switch
    {
        < 999.5 => Add(value, "F0", LargeWidth),
        < 999.5e3 => AddScaled(value / 1e3).Add('k'),
        < 999.5e6 => AddScaled(value / 1e6).Add('M'),
        _ => AddScaled(value / 1e9).Add('G'),
    };

    /// <summary>Adds a time: <c> 12 s</c>, <c> 1:23</c>, <c>1:02:03</c>.</summary>
    public TextBuffer AddTime(long seconds)
    {
        if (seconds < 60)
            return Add(seconds, TimeWidth - 2).Add(" s");
        if (seconds < 3600)
            return Add(seconds / 60, TimeWidth - 3).Add(':').AddPair(seconds % 60);
        return Add(seconds / 3600).Add(':').AddPair(seconds / 60 % 60).Add(':').AddPair(seconds % 60);
    }

    private TextBuffer AddPair(long value) => Add(value, "00");

    private TextBuffer AddScaled(double value) => Add(value, value < 9.995 ? "F2" : value < 99.95 ? "F1" : "F0", LargeWidth - 1);
}
