using System.Runtime.InteropServices;

namespace Lpom.Cli.Terminal;

/// <summary>Cells of a terminal.</summary>
internal readonly partial record struct TerminalSize(int Columns, int Rows)
{
    private const nuint GetWindowSize = 0x5413;

    private static readonly TerminalSize Usual = new(80, 24);

    /// <summary>Of the terminal that is the standard error, now.</summary>
    public static TerminalSize OfError()
    {
        TerminalSize size = OperatingSystem.IsLinux() ? Ask() : new TerminalSize(Console.WindowWidth, Console.WindowHeight);

        // A terminal that nobody has told its size, as of some containers, says 0.
        return size.Columns > 0 && size.Rows > 0 ? size : Usual;
    }

    // The console's own properties would send the terminal sequences that prepare it for reading keys.
    private static unsafe TerminalSize Ask()
    {
        var window = default(WindowSize);
        return IoControl(2, GetWindowSize, &window) == 0 ? new TerminalSize(window.Columns, window.Rows) : default;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static unsafe partial int IoControl(int descriptor, nuint request, WindowSize* size);

    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }
}
