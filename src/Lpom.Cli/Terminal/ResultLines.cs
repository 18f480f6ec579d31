using System.Text.Json;

namespace Lpom.Cli.Terminal;

/// <summary>
/// A long work's results: JSON objects, or text for people. When nobody reads them any more the work goes on: its file matters.
/// </summary>
internal sealed class ResultLines(bool isJson) : IDisposable
{
    private readonly Output _output = new();
    private bool _isClosed;

    /// <summary>Writes an object, when JSON is asked for.</summary>
    public void Json<T>(T state, Action<Utf8JsonWriter, T> properties)
    {
        if (isJson)
            Try(() => _output.Json(state, properties));
    }

    /// <summary>Writes a line, when JSON is not asked for.</summary>
    public void Text(string line)
    {
        if (!isJson)
            Try(() => _output.Line(line));
    }

    public void Dispose() => _output.Dispose();

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
    }
}
