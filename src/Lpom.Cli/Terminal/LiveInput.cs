using System.ComponentModel;
using System.Runtime.InteropServices;
using Lpom.Cli.Training;
using Microsoft.Win32.SafeHandles;

namespace Lpom.Cli.Terminal;

/// <summary>
/// The standard input, or another pipe or terminal, unbuffered: it tells whether bytes are there, so that what is known can be
/// written before more is waited for, and waits no longer than until an interruption.
/// </summary>
/// <param name="handle">Disposed of with this.</param>
/// <param name="interruption">Ends the waiting.</param>
internal sealed partial class LiveInput(SafeFileHandle handle, Interruption interruption) : Stream
{
    private const int Interrupted = 4, TryAgain = 11;
    private const short Readable = 1;

    // How long an interruption may wait to be seen.
    private const int PatienceMilliseconds = 100;

    // Windows has no poll(2): there every read may wait, so that answers are written before it.
    private readonly Stream? _console = OperatingSystem.IsWindows() ? Console.OpenStandardInput() : null;
    private readonly byte[] _peeked = new byte[8];
    private int _peekedStart, _peekedEnd;

    /// <summary>The standard input's handle.</summary>
    public static SafeFileHandle StandardInput => new(0, ownsHandle: false);

    /// <summary>A read need not wait: there are bytes, or the end, or an error.</summary>
    public bool HasData => _peekedStart < _peekedEnd || Poll(0);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The first bytes, which are still to be read; fewer at the end.</summary>
    /// <param name="count">At most 8.</param>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public ReadOnlySpan<byte> Peek(int count)
    {
        while (_peekedEnd < count)
        {
            int read = ReadDescriptor(_peeked.AsSpan(_peekedEnd, count - _peekedEnd));
            if (read == 0)
                break;
            _peekedEnd += read;
        }

        return _peeked.AsSpan(0, _peekedEnd);
    }

    /// <summary>Waits for some bytes; 0 at the end.</summary>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_peekedStart == _peekedEnd)
            return ReadDescriptor(buffer);
        int count = Math.Min(buffer.Length, _peekedEnd - _peekedStart);
        _peeked.AsSpan(_peekedStart, count).CopyTo(buffer);
        _peekedStart += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            handle.Dispose();
            _console?.Dispose();
        }

        base.Dispose(disposing);
    }

    private unsafe int ReadDescriptor(Span<byte> buffer)
    {
        if (_console is not null)
            return _console.Read(buffer);
        while (true)
        {
            if (interruption.Requested)
                throw new OperationCanceledException();
            if (!Poll(PatienceMilliseconds))
                continue;
            nint read;
            fixed (byte* start = buffer)
                read = ReadDescriptor(handle, start, buffer.Length);
            if (read >= 0)
                return (int)read;
            int error = Marshal.GetLastPInvokeError();
            if (error is not (Interrupted or TryAgain))
                throw new IOException(new Win32Exception(error).Message);
        }
    }

    private unsafe bool Poll(int milliseconds)
    {
        if (_console is not null)
            return false;
        var descriptor = new PollDescriptor { Descriptor = (int)handle.DangerousGetHandle(), Events = Readable };
        return Poll(&descriptor, 1, milliseconds) > 0;
    }

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint ReadDescriptor(SafeFileHandle descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static unsafe partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
