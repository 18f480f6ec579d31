namespace Lpom.Bench.Scaling;

/// <summary>The command 'scaling': measures the constants of the cost model, checks it against measured runs and writes its page.</summary>
internal static class ScalingCommand
{
    private const double BlockSeconds = 0.3;

    /// <summary>Runs the command.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(string[] args) => Run(args, ranks => MachineMeasure.Measure(ranks, BlockSeconds));

    /// <summary>The same with constants from elsewhere.</summary>
    /// <param name="args">The options.</param>
    /// <param name="measure">Gives the constants of so many ranks at once.</param>
    internal static int Run(string[] args, Func<int, Machine> measure)
    {
        if (ScalingOptions.Parse(args) is not ScalingOptions options) return 2;
        ScalingRun[]? runs = options.Runs is null ? [] : ScalingRun.Read(options.Runs);
        if (runs is null) return 1;
        if (!CanHold(runs)) return 1;

        var machines = new Dictionary<int, Machine>();
        foreach (int ranks in runs.Select(run => run.Ranks).Append(1).Distinct()) machines[ranks] = measure(ranks);
        var page = new ScalingPage(options, runs, machines);
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

    // Ranks that share a processor wait for each other, which the model knows nothing of.
    private static bool CanHold(ScalingRun[] runs)
    {
        int most = runs.Select(run => run.Ranks).DefaultIfEmpty(1).Max();
        if (most <= Environment.ProcessorCount) return true;
        Console.Error.WriteLine($"scaling: a run has {most} ranks; this machine, which the constants are those of, has {Environment.ProcessorCount} processors.");
        return false;
    }
}
