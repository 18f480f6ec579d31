using System.Diagnostics;
using Lpom.Simd.Model;

namespace Lpom.Cli.SelfTest;

/// <summary>How long a prediction for one sample takes, on one thread, the next right after it.</summary>
/// <param name="Calls">Calls measured, after others to warm up.</param>
/// <param name="P50">The median in µs.</param>
/// <param name="P99">What 99 % of calls do not exceed, in µs.</param>
/// <param name="P999">What 99.9 % of calls do not exceed, in µs; below 1000 calls the slowest.</param>
/// <param name="BytesPerCall">Managed bytes that a call allocates.</param>
internal sealed record LatencyFigures(int Calls, double P50, double P99, double P999, double BytesPerCall)
{
    private const int Samples = 64, MaxCalls = 1 << 20;

    /// <summary>Predicts for some time, for random samples.</summary>
    public static LatencyFigures Measure(Network network, TimeSpan time)
    {
        using var workspace = Workspace.For(network, maxBatch: 1);
        var samples = new RandomSamples(Samples, network.Inputs, network.Outputs);
        float[] scores = new float[network.Outputs];
        long[] ticks = new long[MaxCalls];
        Predict(network, samples, scores, workspace, ticks, new TimeBox(time / 4));
        long before = GC.GetTotalAllocatedBytes(precise: true);
        int calls = Predict(network, samples, scores, workspace, ticks, new TimeBox(time * 3 / 4));
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        Span<long> measured = ticks.AsSpan(0, calls);
        measured.Sort();
        return new LatencyFigures(calls, Quantile(measured, 500), Quantile(measured, 990), Quantile(measured, 999), (double)bytes / calls);
    }

    private static int Predict(Network network, RandomSamples samples, float[] scores, Workspace workspace, long[] ticks, TimeBox box)
    {
        int calls = 0;
        do
        {
            ReadOnlySpan<float> sample = samples.Inputs(calls % Samples, 1).Row(0);
            long start = Stopwatch.GetTimestamp();
            network.Predict(sample, scores, workspace);
            ticks[calls++] = Stopwatch.GetTimestamp() - start;
        }
        while (calls < MaxCalls && !box.IsOver);
        return calls;
    }

    /// <summary>The least time in µs that so many of a thousand calls do not exceed.</summary>
    private static double Quantile(ReadOnlySpan<long> sorted, int perMille)
    {
        int rank = (int)(((long)sorted.Length * perMille + 999) / 1000);
        return sorted[rank - 1] * 1e6 / Stopwatch.Frequency;
    }
}
