using System.Text.Json;

namespace Lpom.Bench.Scaling;

/// <summary>The command 'scaling': measures the constants of the cost model, checks it against measured runs and writes its page.</summary>
internal static class ScalingCommand
{
    private const double BlockSeconds = 0.3;

    /// <summary>Runs the command.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(string[] args)
    {
        // The first time, the compiler is at work beside it.
        var warmUp = new Lazy<Machine>(() => MachineMeasure.Measure(ranks: 1, BlockSeconds));
        return Run(args, Measure);

        Machine Measure(int ranks)
        {
            _ = warmUp.Value;
            return MachineMeasure.Measure(ranks, BlockSeconds);
        }
    }

    /// <summary>The same with constants from elsewhere.</summary>
    /// <param name="args">The options.</param>
    /// <param name="measure">Gives the constants of so many ranks at once.</param>
    internal static int Run(string[] args, Func<int, Machine> measure)
    {
        if (ScalingOptions.Parse(args) is not ScalingOptions options) return 2;
        if (options.Measure.Count > 0) return Measure(options.Measure, measure);
        ScalingFile? file = options.Runs is null ? new ScalingFile([], []) : ScalingFile.Read(options.Runs);
        if (file is null) return 1;
        ScalingRun[] runs = file.Runs;
        int[] ranks = [.. runs.Select(run => run.Ranks).Append(1).Distinct()];
        if (!CanHold(ranks.Where(number => file.MachineOf(number) is null))) return 1;

        Dictionary<int, Machine> machines = ranks.ToDictionary(number => number, number => file.MachineOf(number) ?? measure(number));
        var page = new ScalingPage(options, file, machines);
        string text = page.Write();
        try
        {
            File.WriteAllText(options.Output, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Console.Error.WriteLine($"scaling: cannot write '{options.Output}': {e.Message}");
            return 1;
        }
        Console.Error.WriteLine(runs.Length == 0 ? $"scaling: {options.Output}: no runs to check against." : $"scaling: {options.Output}: {runs.Length} runs, the largest deviation is {page.LargestDeviation * 100:0} %.");
        return 0;
    }

    private static int Measure(IReadOnlyList<int> ranks, Func<int, Machine> measure)
    {
        if (!CanHold(ranks)) return 1;
        foreach (int number in ranks) Console.WriteLine(JsonSerializer.Serialize(new MeasuredConstants(number, measure(number)), ScalingJson.Default.MeasuredConstants));
        return 0;
    }

    // Ranks that share a processor wait for each other, which the model knows nothing of.
    private static bool CanHold(IEnumerable<int> ranks)
    {
        int most = ranks.DefaultIfEmpty(1).Max();
        if (most <= Environment.ProcessorCount) return true;
        Console.Error.WriteLine($"scaling: {most} ranks, whose constants are to be measured; this machine has {Environment.ProcessorCount} processors.");
        return false;
    }
}
