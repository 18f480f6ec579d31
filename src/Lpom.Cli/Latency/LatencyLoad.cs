using System.Diagnostics;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli.Latency;

/// <summary>What a block of calls consists of.</summary>
/// <param name="Threads">That predict at the same time.</param>
/// <param name="Readings">Of each thread.</param>
/// <param name="CallsPerReading">Calls that a reading takes in.</param>
internal readonly record struct LatencyLoad(int Threads, int Readings, int CallsPerReading)
{
    /// <summary>Blocks of a measurement.</summary>
    public const int Blocks = 11;

    private const int LeastCalls = 1000, MostCalls = 1_000_000, MostCallsPerReading = 1000;

    // Looking at the clock takes some 30 ns: of a reading this long, one or two hundredths.
    private const double LeastReadingMicroseconds = 2;

    // Long enough for a just-in-time compiler to come to its final code.
    private static readonly TimeSpan Trial = TimeSpan.FromMilliseconds(250);

    /// <summary>Calls of all threads in a block.</summary>
    public long CallsPerBlock => (long)Threads * Readings * CallsPerReading;

    /// <summary>Chooses the load from the time that a call takes, which it measures first.</summary>
    /// <param name="network">The network.</param>
    /// <param name="samples">Samples [some × inputs] to predict for.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="calls">Calls of a thread in all blocks together, or a few more; null for about as many as the time allows.</param>
    /// <param name="time">That of all blocks together.</param>
    public static LatencyLoad For(Network network, Matrix samples, int threads, int? calls, TimeSpan time)
    {
        double call = MicrosecondsOfCall(network, samples);
        int perReading = (int)Math.Clamp(Math.Ceiling(LeastReadingMicroseconds / call), 1, MostCallsPerReading);
        double wanted = calls ?? Math.Clamp(time.TotalMicroseconds / call, LeastCalls, MostCalls);
        return new LatencyLoad(threads, Math.Max(1, (int)Math.Ceiling(wanted / Blocks / perReading)), perReading);
    }

    private static double MicrosecondsOfCall(Network network, Matrix samples)
    {
        var timer = new PredictionTimer(network, samples, new LatencyLoad(Threads: 1, Readings: 1, CallsPerReading: 1));
        long start = Stopwatch.GetTimestamp();
        double least = double.MaxValue;
        // The first run slower code, and a neighbour disturbs some of the others.
        do
            least = Math.Min(least, timer.CallMicroseconds());
        while (Stopwatch.GetElapsedTime(start) < Trial);
        return least;
    }
}
