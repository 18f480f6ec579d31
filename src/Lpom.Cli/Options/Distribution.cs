namespace Lpom.Cli.Options;

/// <summary>What the processes of a job divide among them.</summary>
internal enum Distribution
{
    /// <summary>Nothing: one process.</summary>
    None,

    /// <summary>The units of every wide layer.</summary>
    Units,

    /// <summary>The layers.</summary>
    Layers,
}
