namespace Lpom.Bench.Scaling;

/// <summary>The latency of a message between two ranks of this machine: that with which the model gives one run's time.</summary>
/// <param name="Latency">Seconds.</param>
/// <param name="Run">The run; null when there is none, and the latency is assumed.</param>
/// <param name="IsBounded">Whether the run's own is below the least or above the most that is believed, and that is taken.</param>
internal sealed record Calibration(double Latency, ScalingRun? Run, bool IsBounded)
{
    /// <summary>No message is faster, and none waits longer, unless something else is wrong.</summary>
    public const double Least = 2e-7, Most = 1e-4;

    /// <summary>Takes the run whose time has the largest part of messages.</summary>
    /// <param name="runs">All.</param>
    /// <param name="machineOf">The machine by the number of ranks.</param>
    public static Calibration Of(IEnumerable<ScalingRun> runs, Func<int, Machine> machineOf)
    {
        ScalingRun? run = runs.Where(r => r.Scheme is "units" && r.Cost(machineOf(r.Ranks)).Messages > 0).MaxBy(r => r.Cost(machineOf(r.Ranks)).Messages * r.Steps / r.SecondsPerEpoch);
        if (run is null) return new Calibration(machineOf(1).Latency, null, false);
        Machine machine = machineOf(run.Ranks) with { Latency = 0 };
        StepCost cost = run.Cost(machine);
        double latency = ((run.SecondsPerEpoch / run.Steps) - cost.Seconds(machine)) / cost.Messages;
        double bounded = Math.Clamp(latency, Least, Most);
        return new Calibration(bounded, run, bounded != latency);
    }
}
