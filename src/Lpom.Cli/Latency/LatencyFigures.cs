using Lpom.Cli.Comparison;

namespace Lpom.Cli.Latency;

/// <summary>The times of some calls that followed each other, in µs.</summary>
/// <param name="P50">The median.</param>
/// <param name="P99">What 99 % of readings do not exceed.</param>
/// <param name="P999">What 99.9 % of readings do not exceed; below 1000 readings the slowest.</param>
internal readonly record struct LatencyBlock(double P50, double P99, double P999);

/// <summary>How long a prediction for one sample takes, the next right after it.</summary>
/// <param name="Calls">Calls measured by all threads, after others to warm up.</param>
/// <param name="CallsPerReading">Calls between two readings of the clock, whose mean counts as the time of each.</param>
/// <param name="Typical">The median of the blocks' figures, each figure by itself.</param>
/// <param name="BytesPerCall">Managed bytes that a call allocates.</param>
internal sealed record LatencyFigures(long Calls, int CallsPerReading, LatencyBlock Typical, double BytesPerCall)
{
    /// <summary>The figures of blocks.</summary>
    public static LatencyFigures Of(IReadOnlyCollection<LatencyBlock> blocks, LatencyLoad load, double bytesPerCall) => new(
        load.CallsPerBlock * blocks.Count,
        load.CallsPerReading,
        new LatencyBlock(Median(blocks, b => b.P50), Median(blocks, b => b.P99), Median(blocks, b => b.P999)),
        bytesPerCall);

    private static double Median(IReadOnlyCollection<LatencyBlock> blocks, Func<LatencyBlock, double> figure) => Statistics.Median(blocks.Select(figure)) ?? 0;
}
