using System.Runtime.InteropServices;

namespace Lpom.Cli.Training;

/// <summary>Ctrl-C, SIGTERM and SIGHUP (the terminal went away): the first asks the work to end after its step, the second ends the process.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _hangUp;
    private volatile bool _requested, _isHeeded;

    public Interruption()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle);
    }

    /// <summary>Raised by every signal, on a thread of its own.</summary>
    public event EventHandler? Signalled;

    /// <summary>The work is to end.</summary>
    public bool Requested => _requested;

    /// <summary>The work ends: what is left to do may take as long as it needs.</summary>
    public bool IsHeeded => _isHeeded;

    /// <summary>Says that the work ends now, here or on another rank that was asked to.</summary>
    public void Heed() => _isHeeded = true;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _hangUp.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = !_requested;
        _requested = true;
        Signalled?.Invoke(this, EventArgs.Empty);
    }
}
