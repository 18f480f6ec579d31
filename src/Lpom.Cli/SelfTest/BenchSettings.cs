using Lpom.Cli.Options;

namespace Lpom.Cli.SelfTest;

/// <summary>What <c>bench</c> was asked to do; every value by itself is in range.</summary>
/// <param name="Networks">Widths from inputs to classes, of each network.</param>
/// <param name="Training">The method that is measured, with the settings that <c>train</c> has by default; its threads are those of products, too.</param>
/// <param name="Time">About how long the whole test takes.</param>
/// <param name="Json">Whether lines of JSON are asked for.</param>
internal sealed record BenchSettings(IReadOnlyList<int[]> Networks, TrainSettings Training, TimeSpan Time, bool Json)
{
    /// <summary>The networks when none is given: one that fits in the caches, one that does not.</summary>
    public static readonly string[] DefaultLayers = ["784-300-10", "784-2048-2048-2048-10"];

    // Shares of the time, by what they need to be steady.
    private const double MachineShare = 0.1, StepShare = 0.7;

    /// <summary>Time for the machine's peak and its product.</summary>
    public TimeSpan MachineTime => Time * MachineShare;

    /// <summary>Time for the training steps of one network.</summary>
    public TimeSpan StepTime => Time * StepShare / Networks.Count;

    /// <summary>Time for the predictions of one network.</summary>
    public TimeSpan LatencyTime => Time * (1 - MachineShare - StepShare) / Networks.Count;
}
