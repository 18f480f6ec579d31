using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lpom.Cli.Terminal;

/// <summary>Results, a line each, on the standard output: text, or one JSON object a line.</summary>
internal sealed class Output : IDisposable
{
    private const int FlushAt = 32 << 10, LongestNumber = 32;

    private readonly Stream _stream;
    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt * 2);
    private readonly Utf8JsonWriter _json;
    private readonly bool _immediate;

    /// <summary>Opens the standard output.</summary>
    /// <param name="immediate">Every line is written when it is complete; else when there are many, and by <see cref="Flush"/>.</param>
    public Output(bool immediate = true) : this(StandardOutput.Open(), immediate)
    {
    }

    /// <summary>Writes to any stream, which is not disposed of.</summary>
    public Output(Stream stream, bool immediate)
    {
        _stream = stream;
        _immediate = immediate;
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    /// <summary>Writes a line of text.</summary>
    public void Line(ReadOnlySpan<char> text)
    {
        Append(text);
        EndLine();
    }

    /// <summary>Writes a part of a line of text.</summary>
    public void Append(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, _buffer);

    /// <summary>Writes a number as a part of a line: the shortest text that reads as this number.</summary>
    public void Append(float value)
    {
        value.TryFormat(_buffer.GetSpan(LongestNumber), out int written, default, CultureInfo.InvariantCulture);
        _buffer.Advance(written);
    }

    /// <summary>Ends a line of text.</summary>
    public void EndLine()
    {
        _buffer.GetSpan(1)[0] = (byte)'\n';
        _buffer.Advance(1);
        if (_immediate || _buffer.WrittenCount >= FlushAt)
            Flush();
    }

    /// <summary>Writes an object as one line.</summary>
    /// <param name="state">Handed to <paramref name="properties"/>.</param>
    /// <param name="properties">Writes the object's properties.</param>
    public void Json<T>(T state, Action<Utf8JsonWriter, T> properties)
    {
        _json.Reset();
        _json.WriteStartObject();
        properties(_json, state);
        _json.WriteEndObject();
        _json.Flush();
        EndLine();
    }

    public void Dispose() => _json.Dispose();

    /// <exception cref="BrokenPipeException">Nobody reads any more.</exception>
    public void Flush()
    {
        ReadOnlyMemory<byte> lines = _buffer.WrittenMemory;
        try
        {
            _stream.Write(lines.Span);
        }
        finally
        {
            _buffer.ResetWrittenCount();
        }
    }
}
