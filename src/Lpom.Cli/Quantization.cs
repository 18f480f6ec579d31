using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Latency;
using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli;

/// <summary>What a model does with its weights in some precision.</summary>
/// <param name="Precision">Of its weights.</param>
/// <param name="WeightBytes">Of the weights and their scales.</param>
/// <param name="Score">On data.</param>
/// <param name="Exact">The score with weights as they are in the file.</param>
/// <param name="Latency">Of predictions for one sample, on one thread.</param>
internal sealed record Quantization(WeightPrecision Precision, long WeightBytes, Score Score, Score Exact, LatencyFigures Latency)
{
    private const int LatencyDigits = 3, ChangeDigits = 4;

    /// <summary>The table's header.</summary>
    public static readonly string[] Columns = ["precision", "weight bytes", "score", "to float32", "p50 µs"];

    /// <summary>For people.</summary>
    public IReadOnlyList<string> Row =>
    [
        Precision.Name(),
        Text($"{WeightBytes:N0}"),
        Score.Figure,
        Text($"{Change:+0.00;-0.00;0.00} {(Score.Accuracy is null ? "%" : "points")}"),
        Text($"{Latency.Typical.P50:F2}"),
    ];

    /// <summary>To float32: of an accuracy in points, hundredths of all rows; of an error in per cent of it.</summary>
    private double Change => 100 * (Score.Accuracy is null ? (Score.Value / Exact.Value) - 1 : Score.Value - Exact.Value);

    /// <summary>Measures a model in each precision; latencies in turn, for some of the rows.</summary>
    /// <exception cref="BadInputException">A loss is not finite.</exception>
    public static IReadOnlyList<Quantization> Measure(Network network, LearningTask task, string file, ModelData data, int threads, TimeSpan latencyTime)
    {
        Network[] rounded = [.. Enum.GetValues<WeightPrecision>().Select(network.WithPrecision)];
        Score[] scores = Array.ConvertAll(rounded, n => data.Measure(n, task, file, threads));
        var run = new LatencyRun();
        Matrix samples = LatencySamples.Of(data.Rows);
        foreach (Network one in rounded)
            run.Add(one, samples, LatencyLoad.For(one, samples, threads: 1, calls: null, latencyTime));
        IReadOnlyList<LatencyFigures> latencies = run.Measure();
        return [.. rounded.Select((n, i) => new Quantization((WeightPrecision)i, n.Layers.Sum(l => l.WeightBytes), scores[i], scores[0], latencies[i]))];
    }

    /// <summary>The built-in digits for a model that does not say what it was trained on, if it may be them.</summary>
    public static string? DataOfUnknown(Network network, ModelRecord record)
    {
        bool fits = record.Data is null && network.Inputs == BuiltinDigits.Features && network.Outputs == BuiltinDigits.Classes;
        return fits ? BuiltinDigits.Name : null;
    }

    public void Write(Utf8JsonWriter json, string file, string data)
    {
        json.WriteString("model", file);
        json.WriteString("data", data);
        json.WriteNumber("samples", Score.Samples);
        json.WriteString("precision", Precision.Name());
        json.WriteNumber("weightBytes", WeightBytes);
        Score.Write(json, "");
        json.WriteNumber("loss", Score.Loss);
        if (double.IsFinite(Change))
            json.WriteNumber(Score.Accuracy is null ? "errorPercent" : "accuracyPoints", Math.Round(Change, ChangeDigits));
        json.WriteNumber("p50us", Math.Round(Latency.Typical.P50, LatencyDigits));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
