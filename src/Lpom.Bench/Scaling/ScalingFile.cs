using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lpom.Bench.Scaling;

/// <summary>The file of <c>--runs</c>: measured runs, and this machine's constants among them, each a line of JSON.</summary>
/// <param name="Runs">In the file's order, one of each kind with the median of its times; at least one.</param>
/// <param name="Constants">The same; none when they were not measured.</param>
internal sealed record ScalingFile(ScalingRun[] Runs, MeasuredConstants[] Constants)
{
    /// <summary>Reads a file; null, after a line on the standard error, when it cannot be read or a line is wrong.</summary>
    public static ScalingFile? Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Console.Error.WriteLine($"scaling: cannot read '{path}': {e.Message}");
            return null;
        }

        var runs = new List<ScalingRun>();
        var constants = new List<MeasuredConstants>();
        for (int i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]) || Problem(lines[i], runs, constants) is not string problem) continue;
            Console.Error.WriteLine($"scaling: {path}, line {i + 1}: {problem}");
            return null;
        }
        if (runs.Count > 0) return new ScalingFile(Repeated(runs), [.. constants]);
        Console.Error.WriteLine($"scaling: {path}: no runs");
        return null;
    }

    /// <summary>The medians of the constants of so many ranks; null when there are none.</summary>
    public Machine? MachineOf(int ranks)
    {
        Machine[] measured = [.. Constants.Where(constants => constants.Ranks == ranks).Select(constants => constants.Constants!)];
        return measured.Length == 0 ? null : Machine.Of(measured, figures => Medians.Of([.. figures]));
    }

    private static ScalingRun[] Repeated(List<ScalingRun> runs) =>
        [.. runs.GroupBy(run => run with { SecondsPerEpoch = 0 }).Select(same => same.Key with { SecondsPerEpoch = Medians.Of([.. same.Select(run => run.SecondsPerEpoch)]), Times = same.Count() })];

    private static string? Problem(string line, List<ScalingRun> runs, List<MeasuredConstants> constants)
    {
        try
        {
            if (JsonSerializer.Deserialize(line, ScalingJson.Default.MeasuredConstants) is { Constants: not null } measured)
            {
                constants.Add(measured);
                return measured.Problem();
            }
            if (JsonSerializer.Deserialize(line, ScalingJson.Default.ScalingRun) is ScalingRun run)
            {
                runs.Add(run);
                return run.Problem();
            }
        }
        catch (JsonException)
        {
        }
        return "neither a run nor constants in JSON";
    }
}

/// <summary>The file's JSON, generated at compile time: a native image has no reflection to read it with.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ScalingRun))]
[JsonSerializable(typeof(MeasuredConstants))]
internal sealed partial class ScalingJson : JsonSerializerContext;
