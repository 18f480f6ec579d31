using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Model;

/// <summary>Writes a network as safetensors, so that a file is whole or not there.</summary>
internal static class ModelWriter
{
    public static void Save(Network network, string path)
    {
        string target = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(target) ?? throw new IOException($"{path} is a folder.");
        // In the same folder, or the rename would be a copy.
        string temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
        // New or an error: from here on the file is ours to delete.
        var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        try
        {
            using (stream)
            {
                Write(network, stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

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
