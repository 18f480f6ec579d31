using System.Globalization;

namespace Lpom.Bench.Scaling;

/// <summary>The options of the command 'scaling'. Rates are in units of one: operations, bytes and seconds.</summary>
internal sealed record ScalingOptions
{
    private const double Giga = 1e9, Mega = 1e6, Micro = 1e-6;
    private const int MaxCount = 1 << 20;

    /// <summary>The page to write.</summary>
    public string Output { get; init; } = "docs/scaling.md";

    /// <summary>The measured runs; null for none.</summary>
    public string? Runs { get; init; }

    /// <summary>Numbers of ranks whose constants are printed, and no page is written; empty for a page.</summary>
    public IReadOnlyList<int> Measure { get; init; } = [];

    /// <summary>Cores of a node.</summary>
    public int NodeCores { get; init; } = 64;

    /// <summary>Speed of a node's cores together over so many times that of one.</summary>
    public double NodeEfficiency { get; init; } = 0.8;

    /// <summary>Bytes a second of a node's memory.</summary>
    public double NodeMemoryRate { get; init; } = 400 * Giga;

    /// <summary>Bytes of a node's caches.</summary>
    public double NodeCacheBytes { get; init; } = 256 * Mega;

    /// <summary>Bytes a second that a node receives.</summary>
    public double Bandwidth { get; init; } = 12.5 * Giga;

    /// <summary>Seconds of a message of no length between nodes.</summary>
    public double Latency { get; init; } = 2 * Micro;

    /// <summary>Hidden layers of the networks of the tables.</summary>
    public int Depth { get; init; } = 8;

    /// <summary>Batches of the tables.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [100, 4096];

    /// <summary>Reads the options; null, after a line on the standard error, when one is wrong.</summary>
    public static ScalingOptions? Parse(string[] args)
    {
        var options = new ScalingOptions();
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            if (options.With(args[i], value) is not ScalingOptions changed)
            {
                Console.Error.WriteLine(
                    $"scaling: '{args[i]} {value}' is not --output or --runs with a file, --node-cores, --node-efficiency, --node-memory (GB/s), --node-cache (MB), --network (GB/s), --latency (µs) or --depth with a number, or --batches or --measure with a comma-separated list.");
                return null;
            }
            options = changed;
        }
        return options;
    }

    private ScalingOptions? With(string name, string value) => name switch
    {
        "--output" when value != "" => this with { Output = value },
        "--runs" when value != "" => this with { Runs = value },
        "--measure" when Counts(value) is int[] ranks => this with { Measure = ranks },
        "--node-cores" when Count(value) is int cores => this with { NodeCores = cores },
        "--node-efficiency" when Positive(value) is double part and <= 1 => this with { NodeEfficiency = part },
        "--node-memory" when Positive(value) is double rate => this with { NodeMemoryRate = rate * Giga },
        "--node-cache" when Positive(value) is double bytes => this with { NodeCacheBytes = bytes * Mega },
        "--network" when Positive(value) is double rate => this with { Bandwidth = rate * Giga },
        "--latency" when Positive(value) is double time => this with { Latency = time * Micro },
        "--depth" when Count(value) is int depth and <= 1000 => this with { Depth = depth },
        "--batches" when Counts(value) is int[] batches => this with { Batches = batches },
        _ => null,
    };

    private static int? Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is > 0 and <= MaxCount ? count : null;

    private static double? Positive(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number > 0 && double.IsFinite(number) ? number : null;

    // Weak scaling takes so many rows a rank: few enough for R times as many to be a number.
    private static int[]? Counts(string text)
    {
        int?[] counts = [.. text.Split(',').Select(Count)];
        return counts.All(count => count is <= MaxCount / 256) ? [.. counts.Select(count => count!.Value)] : null;
    }
}
