using System.Text.Json.Serialization;

namespace Lpom.Bench.Scaling;

/// <summary>A measured run, a line of a <see cref="ScalingFile"/>.</summary>
/// <param name="Layers">Widths, such as 784-300-10.</param>
/// <param name="Batch">Rows of a step, of all ranks together.</param>
/// <param name="Rows">Rows of an epoch.</param>
/// <param name="Ranks">Processes.</param>
/// <param name="Threads">Of each; 1, as the constants are those of one.</param>
/// <param name="SecondsPerEpoch">What was measured.</param>
/// <param name="Scheme">How the ranks share a step: one of <see cref="SchemeNames"/>.</param>
internal sealed record ScalingRun(string? Layers, int Batch, int Rows, int Ranks, int Threads, double SecondsPerEpoch, string? Scheme)
{
    /// <summary>One process; LPOM with units divided; back-propagation with rows divided; LPOM with layers divided.</summary>
    public static readonly string[] SchemeNames = ["alone", "units", "data", "layers"];

    private const int MaxCount = 1 << 20;

    /// <summary>The network; of a run without a <see cref="Problem"/>.</summary>
    [JsonIgnore]
    public LayerSize[] Network => LayerSize.Parse(Layers) ?? [];

    /// <summary>How often it was measured: the time is the median.</summary>
    [JsonIgnore]
    public int Times { get; init; } = 1;

    /// <summary>Steps of an epoch.</summary>
    [JsonIgnore]
    public int Steps => (Rows + Batch - 1) / Batch;

    /// <summary>What the model says that a step's slowest rank does.</summary>
    /// <param name="machine">By which a rank of <c>layers</c> is the slowest.</param>
    public StepCost Cost(Machine machine) => Scheme switch
    {
        "units" => Schemes.Units(Network, Batch, Ranks),
        "data" => Schemes.Data(Network, Batch, Ranks),
        "layers" => Schemes.Layers(Network, Batch, Ranks, machine),
        _ => Schemes.Alone(Network, Batch),
    };

    /// <summary>What is wrong with it; null for nothing.</summary>
    public string? Problem()
    {
        if (LayerSize.Parse(Layers) is null) return $"layers '{Layers}' are not widths such as 784-300-10";
        if (!SchemeNames.Contains(Scheme)) return $"scheme '{Scheme}' is not {string.Join(", ", SchemeNames)}";
        if (Batch is < 1 or > MaxCount) return $"batch {Batch} is not from 1 to {MaxCount}";
        if (Rows < 1) return $"rows {Rows} is not from 1";
        if (Ranks is < 1 or > MaxCount) return $"ranks {Ranks} is not from 1 to {MaxCount}";
        if (Scheme == "alone" && Ranks != 1) return "alone is one rank";
        if (Threads != 1) return $"threads {Threads}: the model's constants are those of one";
        return double.IsFinite(SecondsPerEpoch) && SecondsPerEpoch > 0 ? null : $"secondsPerEpoch {SecondsPerEpoch} is not positive";
    }
}
