namespace Lpom.Cli;

/// <summary>What a network is trained to give.</summary>
internal enum LearningTask
{
    /// <summary>A sample's class.</summary>
    Classify,

    /// <summary>The sample itself, through a narrow layer.</summary>
    Autoencode,

    /// <summary>Numbers.</summary>
    Regress,
}
