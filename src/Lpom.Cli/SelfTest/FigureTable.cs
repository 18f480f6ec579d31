using System.Globalization;
using Lpom.Cli.Latency;
using Lpom.Cli.Terminal;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Cli.SelfTest;

/// <summary>The figures of a network.</summary>
internal sealed record NetworkFigures(string Layers, StepFigures Step, LatencyMeasurement Latency);

/// <summary>The figures as tables for people.</summary>
internal static class FigureTable
{
    public static void Print(MachineFigures machine, string method, IReadOnlyList<NetworkFigures> networks, Output output)
    {
        int layers = Math.Max("network".Length, networks.Max(n => n.Layers.Length));
        output.Line(Text($"SIMD {(int)SimdLevel.Current}, {machine.Threads} {(machine.Threads == 1 ? "thread" : "threads")}. Peak of one: {machine.PeakGflops:F0} GFLOP/s; a {MachineFigures.Rows}×{MachineFigures.Columns}×{MachineFigures.Depth} product runs at {machine.GemmPeakFraction:P0} of peak."));
        output.Line("");
        output.Line($"Training steps of {StepFigures.Batch} samples, {method}; shares of threads × time");
        output.Line($"{"network".PadRight(layers)}  steps/s  products  of peak  (packing)  elementwise  waiting  other");
        foreach (NetworkFigures network in networks)
            output.Line(StepRow(network, layers));
        output.Line("");
        output.Line("Predictions of one sample, 1 thread");
        output.Line($"{"network".PadRight(layers)}   p50 µs   p99 µs  p99.9 µs  bytes/call");
        foreach (NetworkFigures network in networks)
            output.Line(LatencyRow(network, layers));
    }

    private static string StepRow(NetworkFigures network, int layers)
    {
        StepFigures step = network.Step;
        WorkShares shares = step.Shares;
        return Text($"{network.Layers.PadRight(layers)}  {step.StepsPerSecond,7:F1}  {shares.Product,8:P0}  {step.GemmPeakFraction,7:P0}  {shares.Packing,9:P0}  {shares.Elementwise,11:P0}  {shares.Waiting,7:P0}  {shares.Other,5:P0}");
    }

    private static string LatencyRow(NetworkFigures network, int layers)
    {
        LatencyFigures latency = network.Latency.Figures;
        return Text($"{network.Layers.PadRight(layers)}  {latency.Typical.P50,7:F2}  {latency.Typical.P99,7:F2}  {latency.Typical.P999,8:F2}  {latency.BytesPerCall,10:0.##}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
