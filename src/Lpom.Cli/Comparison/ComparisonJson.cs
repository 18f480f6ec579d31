using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Options;
using Lpom.Cli.Training;

namespace Lpom.Cli.Comparison;

/// <summary>The lines of a comparison as JSON.</summary>
internal static class ComparisonJson
{
    public static void WriteEpoch(Utf8JsonWriter json, TrainSettings settings, EpochReport report)
    {
        json.WriteString("method", settings.Method);
        json.WriteNumber("seed", settings.Seed);
        json.WriteNumber("epoch", report.Number);
        json.WriteNumber("seconds", report.Seconds);
        report.Test!.Value.Write(json, "test");
    }

    public static void WriteDiverged(Utf8JsonWriter json, MethodRun run)
    {
        json.WriteString("event", "diverged");
        json.WriteString("method", run.Method);
        json.WriteNumber("seed", run.Seed);
        json.WriteString("problem", run.Divergence);
    }

    public static void WriteSummary(Utf8JsonWriter json, MethodSummary method, IReadOnlyList<double> targets)
    {
        json.WriteString("event", "summary");
        json.WriteString("method", method.Method);
        json.WriteNumber("seeds", method.Runs.Count);
        json.WriteStartArray("diverged");
        foreach (ulong seed in method.Diverged)
            json.WriteNumberValue(seed);
        json.WriteEndArray();
        string score = method.Task == LearningTask.Classify ? "testAccuracy" : "testMse";
        Write(json, $"{score}Mean", method.Score?.Mean);
        Write(json, $"{score}Spread", method.Score?.Deviation);
        Write(json, "secondsPerEpoch", method.SecondsPerEpoch);
        json.WriteStartObject("timeTo");
        foreach (double target in targets)
            Write(json, target.ToString(CultureInfo.InvariantCulture), method.TimeTo(target));
        json.WriteEndObject();
        Write(json, "peakMemoryMiB", method.PeakMemoryMiB);
    }

    private static void Write(Utf8JsonWriter json, string name, double? value)
    {
        if (value is double number && double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
