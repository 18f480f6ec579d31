using System.Runtime.InteropServices;

namespace Lpom.Cli.Terminal;

/// <summary>Hides the cursor, and shows it again in the end, and before a signal ends or stops the process.</summary>
internal sealed partial class HiddenCursor : IDisposable
{
    private const int Stop = 19;

    private static readonly byte[] Hide = [.. "\e[?25l"u8], Reveal = [.. "\e[?25h"u8], RevealBelow = [.. "\e[?25h\r\n"u8];

    private readonly Stream _terminal;
    private readonly Action _movedAway;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;
    private bool _isSuspended;

    /// <param name="terminal">Of the cursor.</param>
    /// <param name="movedAway">Called, by any thread, when others use the terminal while the process is stopped.</param>
    public HiddenCursor(Stream terminal, Action movedAway)
    {
        (_terminal, _movedAway) = (terminal, movedAway);
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

        // Not when it goes on: the next frame may be drawn before that is known.
        _movedAway();
        _isSuspended = true;

        // With a handler the runtime no longer stops the process.
        context.Cancel = true;
        _ = Kill(Environment.ProcessId, Stop);
    }

    private void Continue()
    {
        // Stopped by a signal that nobody can handle.
        if (!_isSuspended)
            _movedAway();
        _isSuspended = false;
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
