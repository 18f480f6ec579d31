namespace Lpom.Cli.Comparison.Paper;

/// <summary>What a network of an experiment reached.</summary>
/// <param name="Network">The network, with the paper's figures.</param>
/// <param name="Shape">Its widths, such as <c>784-300-10</c>.</param>
/// <param name="Epochs">Of each run.</param>
/// <param name="Methods">Those with a complete run.</param>
/// <param name="IsComplete">Whether every run is.</param>
internal sealed record NetworkResult(ExperimentNetwork Network, string Shape, int Epochs, IReadOnlyList<MethodSummary> Methods, bool IsComplete)
{
    /// <summary>Hidden layers of one width, if so many, are counted instead of listed.</summary>
    private const int ManyLayers = 4;

    /// <summary>The shape for a table: <c>784-300-10</c>, <c>784-[64]×19-10</c>.</summary>
    public string Name => Network.Hidden.Length >= ManyLayers && Network.Hidden.Distinct().Count() == 1
        ? $"{Shape[..Shape.IndexOf('-')]}-[{Network.Hidden[0]}]×{Network.Hidden.Length}-{Shape[(Shape.LastIndexOf('-') + 1)..]}"
        : Shape;

    /// <summary>Null when no run of the method is complete.</summary>
    public MethodSummary? Of(string method) => Methods.FirstOrDefault(m => m.Method == method);
}

/// <summary>What an experiment reached, and how long it took.</summary>
internal sealed record ExperimentResult(Experiment Experiment, ExperimentRequest Request, IReadOnlyList<NetworkResult> Networks, TimeSpan Elapsed)
{
    public bool IsComplete => Networks.All(n => n.IsComplete);
}
