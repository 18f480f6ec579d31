namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>Which layers of a network a process has.</summary>
/// <param name="FirstLayer">The first of them, from 0.</param>
/// <param name="Count">How many.</param>
/// <param name="Layers">Of the whole network.</param>
/// <param name="Outputs">Of the whole network.</param>
internal readonly record struct NetworkPart(int FirstLayer, int Count, int Layers, int Outputs)
{
    /// <summary>Whether the network's first layer is among them.</summary>
    public bool HasFirst => FirstLayer == 0;

    /// <summary>Whether the network's last layer is among them.</summary>
    public bool HasLast => FirstLayer + Count == Layers;
}
