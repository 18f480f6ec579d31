using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Bench;

/// <summary>The networks and the batch on which every stage is measured.</summary>
internal static class RealNetworks
{
    /// <summary>The usual network for MNIST.</summary>
    public const string Mnist = "784-300-10";

    /// <summary>A network whose weights do not fit the caches near the cores.</summary>
    public const string Wide = "784-2048-2048-2048-10";

    /// <summary>Samples of a batch.</summary>
    public const int Batch = 100;

    /// <summary>A network of ReLU layers, the output too, trained for least squares as in the paper.</summary>
    /// <param name="layers">Widths, such as 784-300-10.</param>
    public static Network Relu(string layers)
    {
        int[] widths = [.. layers.Split('-').Select(int.Parse)];
        Activation relu = Activation.Of(default(Relu));
        return NetworkInit.Glorot(widths, relu, relu, Loss.LeastSquares, seed: 1);
    }

    /// <summary>A batch of inputs in [0, 1).</summary>
    /// <returns>[Batch × inputs].</returns>
    public static Matrix Images(Network network)
    {
        Matrix images = Noise.Matrix(Batch, network.Inputs);
        for (int row = 0; row < Batch; row++)
        {
            foreach (ref float pixel in images.View.Row(row)) pixel = MathF.Abs(pixel);
        }
        return images;
    }

    /// <summary>The classes in turn, one a sample of the batch.</summary>
    public static int[] Labels(Network network) => [.. Enumerable.Range(0, Batch).Select(i => i % network.Outputs)];
}
