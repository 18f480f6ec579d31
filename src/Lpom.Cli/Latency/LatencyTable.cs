using System.Globalization;
using Lpom.Cli.Terminal;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Cli.Latency;

/// <summary>The latencies of a network as a table for people.</summary>
internal static class LatencyTable
{
    private static readonly string[] OwnColumns = ["precision", "threads", "p50 µs", "p99 µs", "p99.9 µs", "bytes/call"];

    private static readonly string[] AnchorColumns = ["C p50 µs", "C p99 µs", "C p99.9 µs", "p50 / C's", "p50 / float32 C's"];

    /// <param name="measurements">Of one network; for each of ours with an anchor, the anchor's in the same precision and in float32.</param>
    /// <param name="output">Receives the table.</param>
    public static void Print(IReadOnlyList<LatencyMeasurement> measurements, Output output)
    {
        bool hasAnchor = measurements.Any(m => m.IsPeer);
        foreach (string line in TableText.Lines(hasAnchor ? [.. OwnColumns, .. AnchorColumns] : OwnColumns, measurements.Where(m => !m.IsPeer).Select(m => Row(m, measurements))))
            output.Line(line);
    }

    private static string[] Row(LatencyMeasurement own, IReadOnlyList<LatencyMeasurement> all)
    {
        LatencyBlock times = own.Figures.Typical;
        string[] row = [own.Precision.Name(), Text($"{own.Threads}"), Time(times.P50), Time(times.P99), Time(times.P999), Text($"{own.Figures.BytesPerCall:0.##}")];
        if (Anchor(own.Precision) is not LatencyBlock same || Anchor(WeightPrecision.Float32) is not LatencyBlock full)
            return row;
        return [.. row, Time(same.P50), Time(same.P99), Time(same.P999), Text($"{times.P50 / same.P50:F2}"), Text($"{times.P50 / full.P50:F2}")];

        LatencyBlock? Anchor(WeightPrecision precision) =>
            all.FirstOrDefault(m => m.IsPeer && m.Precision == precision && m.Threads == own.Threads)?.Figures.Typical;
    }

    private static string Time(double microseconds) => Text($"{microseconds:F2}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
