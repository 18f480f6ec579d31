using System.Runtime.InteropServices;

namespace Lpom.Cli.Terminal;

/// <summary>Hides the cursor, and shows it again in the end, and before a signal ends or stops the process.</summary>
internal sealed partial class HiddenCursor : IDisposable
{
    private const int Stop = 19;

    private static readonly byte[] Hide = [.. "\e[?25l"u8], Reveal = [.. "\e[?25h"u8], RevealBelow = [.. "\e[?25h\r\n"u8];

    private readonly Stream _terminal;
    private readonly Action _continued;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    /// <param name="terminal">Of the cursor.</param>
    /// <param name="continued">Called, by any thread, when the process goes on after others used the terminal.</param>
    public HiddenCursor(Stream terminal, Action continued)
    {
        (_terminal, _continued) = (terminal, continued);
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            _registrations.Add(PosixSignalRegistration.Create(signal, _ => End()));
        if (OperatingSystem.IsLinux())
        {
            _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTSTP, Suspend));
            _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Continue()));
        }

        Write(Hide);
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        Write(Reveal);
    }

    // The first signal lets the work end in its own way; whatever the second does, the shell's prompt is to be below the display.
    private void End() => Write(_signals++ == 0 ? Reveal : RevealBelow);

    private void Suspend(PosixSignalContext context)
    {
        Write(RevealBelow);

        // With a handler the runtime no longer stops the process.
        context.Cancel = true;
        _ = Kill(Environment.ProcessId, Stop);
    }

    private void Continue()
    {
        _continued();
        Write(Hide);
    }

    private void Write(byte[] sequence)
    {
        try
        {
            _terminal.Write(sequence);
        }
        catch (IOException)
        {
            // The terminal is gone, and its cursor with it.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
