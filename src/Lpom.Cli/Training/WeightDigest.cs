using System.IO.Hashing;
using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli.Training;

/// <summary>A digest of a network's weights and biases.</summary>
internal static class WeightDigest
{
    public static byte[] Of(Network network)
    {
        var hash = new XxHash128();
        foreach (Layer layer in network.Layers)
        {
            ReadOnlyMatrixView weights = layer.Weights;
            for (int row = 0; row < weights.Rows; row++)
                hash.Append(MemoryMarshal.AsBytes(weights.Row(row)));
            hash.Append(MemoryMarshal.AsBytes(layer.Bias));
        }

        return hash.GetCurrentHash();
    }
}
