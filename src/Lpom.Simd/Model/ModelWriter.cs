using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Model;

/// <summary>Writes a network as safetensors.</summary>
internal static class ModelWriter
{
    public static void Write(Network network, Stream stream)
    {
        stream.Write(Safetensors.Header(network.Metadata, Tensors(network)));
        foreach (Layer layer in network.Layers)
        {
            ReadOnlyMatrixView weights = layer.Weights;
            for (int row = 0; row < weights.Rows; row++) stream.Write(MemoryMarshal.AsBytes(weights.Row(row)));
            stream.Write(MemoryMarshal.AsBytes(layer.Bias));
        }
        if (network.InputBounds is not InputBounds bounds) return;
        stream.Write(MemoryMarshal.AsBytes(bounds.Lower));
        stream.Write(MemoryMarshal.AsBytes(bounds.Upper));
    }

    private static IEnumerable<(string Name, long[] Shape)> Tensors(Network network)
    {
        for (int i = 0; i < network.Layers.Count; i++)
        {
            Layer layer = network.Layers[i];
            yield return (ModelMetadata.WeightName(i), [layer.Outputs, layer.Inputs]);
            if (layer.Bias.Length != 0) yield return (ModelMetadata.BiasName(i), [layer.Outputs]);
        }
        if (network.InputBounds is null) yield break;
        yield return (ModelMetadata.LowerName, [network.Inputs]);
        yield return (ModelMetadata.UpperName, [network.Inputs]);
    }
}
