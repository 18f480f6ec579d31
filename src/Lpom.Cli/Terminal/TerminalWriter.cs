using System.Text;

namespace Lpom.Cli.Terminal;

/// <summary>Writes to a terminal that may go away: what cannot be written is dropped, and the work goes on.</summary>
internal sealed class TerminalWriter(TextWriter terminal) : TextWriter
{
    private bool _isGone;

    public override Encoding Encoding => terminal.Encoding;

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (_isGone)
            return;
        try
        {
            terminal.Write(buffer);
        }
        catch (IOException)
        {
            _isGone = true;
        }
    }

    public override void Flush()
    {
        if (_isGone)
            return;
        try
        {
            terminal.Flush();
        }
        catch (IOException)
        {
            _isGone = true;
        }
    }
}
