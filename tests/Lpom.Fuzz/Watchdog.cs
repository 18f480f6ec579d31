namespace Lpom.Fuzz;

/// <summary>Looks after executions from another thread, so that one that never ends is found, and its input kept.</summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Action<byte[]> _hangs;
    private readonly Timer _timer;
    private byte[]? _input;
    private long _deadline;

    /// <param name="hangs">Told of the input, on another thread than that which executes.</param>
    public Watchdog(Action<byte[]> hangs)
    {
        _hangs = hangs;
        _timer = new Timer(_ => Look(), null, Interval, Interval);
    }

    /// <summary>An execution begins.</summary>
    public void Begin(byte[] input, TimeSpan patience)
    {
        lock (_lock)
            (_input, _deadline) = (input, Environment.TickCount64 + (long)patience.TotalMilliseconds);
    }

    /// <summary>The execution is over.</summary>
    public void End()
    {
        lock (_lock)
            _input = null;
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        byte[]? late;
        lock (_lock)
            late = _input is not null && Environment.TickCount64 > _deadline ? _input : null;
        if (late is not null)
            _hangs(late);
    }
}
