using System.Text.Json;

namespace Lpom.Cli.Terminal;

/// <summary>
/// A long work's results: JSON objects, or text for people. When they cannot be written the work goes on: its file matters.
/// </summary>
internal sealed class ResultLines(bool isJson, Output output) : IDisposable
{
    private IOException? _failure;
    private bool _isClosed;

    /// <summary>On the standard output.</summary>
    public ResultLines(bool isJson) : this(isJson, new Output())
    {
    }

    /// <summary>Writes an object, when JSON is asked for.</summary>
    public void Json<T>(T state, Action<Utf8JsonWriter, T> properties)
    {
        if (isJson)
            Try(() => output.Json(state, properties));
    }

    /// <summary>Writes a line, when JSON is not asked for.</summary>
    public void Text(string line)
    {
        if (!isJson)
            Try(() => output.Line(line));
    }

    /// <summary>Tells of lines that could not be written; that nobody reads them any more is no failure.</summary>
    /// <exception cref="WorkFailedException">A line is lost.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
            throw new WorkFailedException(_failure.Message, _failure);
    }

    public void Dispose() => output.Dispose();

    private void Try(Action write)
    {
        if (_isClosed)
            return;
        try
        {
            write();
        }
        catch (BrokenPipeException)
        {
            _isClosed = true;
        }
        catch (IOException e)
        {
            (_isClosed, _failure) = (true, e);
        }
    }
}
