namespace Lpom.Cli.Options;

/// <summary>What to compare; every value by itself is in range.</summary>
internal sealed record ComparisonSettings
{
    /// <summary>The training of each method, in the order of their runs. They differ in what is the method's own; their seeds do not count.</summary>
    public required IReadOnlyList<TrainSettings> Methods { get; init; }

    /// <summary>Every method runs with the seeds from 1 to this.</summary>
    public required int Seeds { get; init; }

    /// <summary>Scores whose times are reported, in ascending order; null: by what is reached.</summary>
    public IReadOnlyList<double>? Targets { get; init; }

    /// <summary>What all methods have in common.</summary>
    public TrainSettings Shared => Methods[0];
}
