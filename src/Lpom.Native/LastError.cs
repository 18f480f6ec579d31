using System.Text;

namespace Lpom.Native;

/// <summary>What <c>lpom_last_error</c> gives: the calling thread's, in memory of lpom.c's, which ends with the thread.</summary>
internal static unsafe class LastError
{
    private const string Ellipsis = "…";

    private static delegate* unmanaged<byte*> _buffer;
    private static int _length;

    /// <summary>Says where messages go.</summary>
    /// <param name="buffer">Gives the calling thread's buffer.</param>
    /// <param name="length">Bytes of each.</param>
    public static void WriteTo(delegate* unmanaged<byte*> buffer, int length)
    {
        _buffer = buffer;
        _length = length;
    }

    /// <summary>Keeps the message: nothing has been done.</summary>
    public static Status BadArgument(string message) => Keep(Status.BadArgument, message);

    /// <summary>Keeps the message of a file that is no model.</summary>
    public static Status BadFile(string message) => Keep(Status.BadFile, message);

    /// <summary>Keeps the message of work that failed.</summary>
    public static Status Failed(string message) => Keep(Status.Failed, message);

    private static Status Keep(Status status, string message)
    {
        var buffer = new Span<byte>(_buffer(), _length);
        if (!Encoding.UTF8.TryGetBytes(message, buffer[..^1], out int written))
            written = Shorten(message, buffer[..^1]);
        buffer[written] = 0;
        return status;
    }

    // Whole characters only.
    private static int Shorten(string message, Span<byte> buffer)
    {
        Encoding.UTF8.GetEncoder().Convert(message, buffer[..^Encoding.UTF8.GetByteCount(Ellipsis)], flush: false, out _, out int written, out _);
        return written + Encoding.UTF8.GetBytes(Ellipsis, buffer[written..]);
    }
}
