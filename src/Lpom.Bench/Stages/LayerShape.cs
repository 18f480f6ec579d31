namespace Lpom.Bench.Stages;

/// <summary>The size of one layer.</summary>
/// <param name="Inputs">Values that a sample brings in.</param>
/// <param name="Outputs">Values that a sample leaves with.</param>
public sealed record LayerShape(int Inputs, int Outputs)
{
    /// <summary>Every layer of the networks that are measured, once.</summary>
    internal static IEnumerable<LayerShape> OfRealNetworks { get; } =
        [new(784, 300), new(300, 10), new(784, 2048), new(2048, 2048), new(2048, 10)];

    /// <inheritdoc />
    public override string ToString() => $"{Inputs}-{Outputs}";
}
