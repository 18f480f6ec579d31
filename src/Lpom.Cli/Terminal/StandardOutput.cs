using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Lpom.Cli.Terminal;

/// <summary>The standard output went away, as with <c>| head</c>.</summary>
internal sealed class BrokenPipeException(Exception? inner = null) : IOException("The standard output was closed.", inner);

/// <summary>
/// The standard output or error, unbuffered. The platform's own stream hides that the reader is gone, and a file stream on
/// the descriptor would not move the offset shared with the shell.
/// </summary>
internal sealed partial class StandardOutput : Stream
{
    private const int BrokenPipe = 32, Interrupted = 4, TryAgain = 11;

    private readonly int _descriptor;
    private readonly string _name;

    private StandardOutput(int descriptor, string name) => (_descriptor, _name) = (descriptor, name);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static Stream Open() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new StandardOutput(1, "output");

    /// <summary>The standard error.</summary>
    public static Stream OpenError() => OperatingSystem.IsWindows() ? Console.OpenStandardError() : new StandardOutput(2, "error");

    /// <exception cref="BrokenPipeException">Nobody reads any more.</exception>
    /// <exception cref="IOException">Another failure, such as a full disk.</exception>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written;
            fixed (byte* start = buffer)
                written = WriteDescriptor(_descriptor, start, buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == BrokenPipe)
                throw new BrokenPipeException();
            if (error == TryAgain)
                Thread.Sleep(1);
            else if (error != Interrupted)
                throw new IOException($"cannot write to the standard {_name}: {new Win32Exception(error).Message}");
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteDescriptor(int descriptor, byte* buffer, nint count);
}
