using System.Text.Json;

namespace Lpom.Cli.Terminal;

/// <summary>
/// A long work's results: JSON objects, or text for people; and JSON objects to a log. When they cannot be written the work goes on: its
/// file matters.
/// </summary>
internal sealed class ResultLines : IDisposable
{
    private readonly bool _isJson;
    private readonly Output _output;
    private readonly Stream? _logFile;
    private readonly Output? _log;
    private IOException? _failure;
    private bool _isClosed;
    private bool _isLogClosed;

    /// <param name="isJson">Whether the output is JSON.</param>
    /// <param name="output">Disposed of with this.</param>
    /// <param name="log">Disposed of with this; null for none.</param>
    public ResultLines(bool isJson, Output output, Stream? log = null)
    {
        (_isJson, _output, _logFile) = (isJson, output, log);
        _log = log is null ? null : new Output(log, immediate: true);
    }

    /// <summary>On the standard output.</summary>
    public ResultLines(bool isJson, Stream? log = null) : this(isJson, new Output(), log)
    {
    }

    /// <summary>Writes an object to the log, and, when JSON is asked for, to the output.</summary>
    public void Json<T>(T state, Action<Utf8JsonWriter, T> properties)
    {
        if (_isJson)
            Try(() => _output.Json(state, properties), ref _isClosed);
        if (_log is not null)
            Try(() => _log.Json(state, properties), ref _isLogClosed);
    }

    /// <summary>Writes a line, when JSON is not asked for.</summary>
    public void Text(string line)
    {
        if (!_isJson)
            Try(() => _output.Line(line), ref _isClosed);
    }

    /// <summary>Tells of lines that could not be written; that nobody reads them any more is no failure.</summary>
    /// <exception cref="WorkFailedException">A line is lost.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
            throw new WorkFailedException(_failure.Message, _failure);
    }

    public void Dispose()
    {
        _output.Dispose();
        _log?.Dispose();
        _logFile?.Dispose();
    }

    private void Try(Action write, ref bool isClosed)
    {
        if (isClosed)
            return;
        try
        {
            write();
        }
        catch (BrokenPipeException)
        {
            isClosed = true;
        }
        catch (IOException e)
        {
            (isClosed, _failure) = (true, e);
        }
    }
}
