using System.Diagnostics;

namespace Lpom.Simd.Kernels.Threads;

/// <summary>What one thread waits on until others have done something: it spins briefly, then parks. Allocates nothing once it is made.</summary>
/// <remarks>
/// The waiting thread takes the <see cref="Generation"/>, looks whether there is something to do, and awaits another generation if not:
/// what is raised in between is not lost.
/// </remarks>
internal sealed class ThreadSignal : IDisposable
{
    // As long as the workers of a team do.
    private static readonly long SpinTicks = Stopwatch.Frequency / 1_000_000 * 1000;

    private const int SpinsPerYield = 32;

    private readonly AutoResetEvent _event = new(false);
    private int _generation;
    private int _parked;

    /// <summary>Changes whenever the signal is raised.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Lets the waiting thread look again; from any thread. What was written before is there when it looks.</summary>
    public void Raise()
    {
        Interlocked.Increment(ref _generation);
        if (Interlocked.Exchange(ref _parked, 0) == 1) _event.Set();
    }

    /// <summary>Waits for another generation; by one thread.</summary>
    /// <param name="seen">The generation before the look that found nothing.</param>
    public void Await(int seen)
    {
        long start = Stopwatch.GetTimestamp();
        for (int spins = 1; Generation == seen; spins++)
        {
            // What is waited for may need this very processor.
            if (spins % SpinsPerYield == 0) Thread.Yield();
            if (Stopwatch.GetTimestamp() - start < SpinTicks) Thread.SpinWait(8);
            else Park(seen);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _event.Dispose();

    private void Park(int seen)
    {
        Interlocked.Exchange(ref _parked, 1);
        if (Generation == seen) _event.WaitOne();
        Interlocked.Exchange(ref _parked, 0);
    }
}
