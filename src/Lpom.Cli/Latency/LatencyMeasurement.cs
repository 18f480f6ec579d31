using System.Text.Json;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Cli.Latency;

/// <summary>What was measured, and its figures.</summary>
/// <param name="Subject">What predicts for which samples.</param>
/// <param name="Precision">Of its weights.</param>
/// <param name="Threads">That predicted at the same time.</param>
/// <param name="IsPeer">Whether this is plain C.</param>
/// <param name="Figures">The times.</param>
internal sealed record LatencyMeasurement(LatencySubject Subject, WeightPrecision Precision, int Threads, bool IsPeer, LatencyFigures Figures)
{
    private const int Digits = 3;

    public static void Write(Utf8JsonWriter json, LatencyMeasurement measurement)
    {
        LatencyFigures figures = measurement.Figures;
        json.WriteString("event", "latency");
        json.WriteString("layers", measurement.Subject.Network.Shape);
        if (measurement.Subject.Data is string data)
        {
            json.WriteString("data", data);
            json.WriteNumber("zeros", Math.Round(LatencySamples.Zeros(measurement.Subject.Samples), Digits));
        }

        if (measurement.IsPeer)
            json.WriteString("peer", "c");
        json.WriteString("precision", measurement.Precision.Name());
        json.WriteNumber("threads", measurement.Threads);
        json.WriteNumber("calls", figures.Calls);
        json.WriteNumber("callsPerReading", figures.CallsPerReading);
        json.WriteNumber("p50us", Math.Round(figures.Typical.P50, Digits));
        json.WriteNumber("p99us", Math.Round(figures.Typical.P99, Digits));
        json.WriteNumber("p999us", Math.Round(figures.Typical.P999, Digits));
        json.WriteNumber("bytesPerCall", figures.BytesPerCall);
    }
}
