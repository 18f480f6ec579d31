using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Paper;

namespace Lpom.Bench.Stages;

/// <summary>
/// A network's layers in the middle of a training step, so that stages 3 and 4 can be measured alone: products of a forward pass, and
/// activations moved away from it, so that no residual is zero. One thread.
/// </summary>
internal sealed class LayerChain : IDisposable
{
    private const float Displacement = 0.1f;

    private readonly Matrix _inputs;

    /// <summary>Feeds a batch forward.</summary>
    /// <param name="layers">Widths, such as 784-300-10.</param>
    public LayerChain(string layers)
    {
        Network network = RealNetworks.Relu(layers);
        _inputs = RealNetworks.Images(network);
        Options = new PaperOptions { MaxBatch = RealNetworks.Batch };
        Layers = [.. network.Layers.Select((layer, i) => new PaperLayer(layer, i, Options.Mu, Options))];
        Targets = new Matrix(RealNetworks.Batch, network.Outputs);
        int[] labels = RealNetworks.Labels(network);
        for (int row = 0; row < labels.Length; row++) Targets.View[row, labels[row]] = 1;
        for (int i = 0; i < Layers.Count; i++) FeedForward(i);
        foreach (PaperLayer layer in Layers) Displace(layer.Output);
    }

    /// <summary>What the kernels run with.</summary>
    public KernelContext Context { get; } = new(threads: 1);

    /// <summary>The default settings, with the batch's size.</summary>
    public PaperOptions Options { get; }

    /// <summary>The layers, from the input to the output.</summary>
    public IReadOnlyList<PaperLayer> Layers { get; }

    /// <summary>L [batch × outputs], one-hot.</summary>
    public Matrix Targets { get; }

    /// <summary>X of a layer [batch × inputs].</summary>
    public MatrixView InputOf(int layer) => layer == 0 ? _inputs.View : Layers[layer - 1].Output;

    /// <inheritdoc />
    public void Dispose() => Context.Dispose();

    private void FeedForward(int i)
    {
        PaperLayer layer = Layers[i];
        layer.SetRows(RealNetworks.Batch);
        Gemm.Multiply(Context, GemmForm.NT, InputOf(i), layer.Weights.View, layer.Product);
        layer.Activation.Apply(Context, layer.Product, layer.Output);
        layer.Product.CopyTo(layer.PreActivation);
    }

    private static void Displace(MatrixView output)
    {
        Matrix noise = Noise.Matrix(output.Rows, output.Cols);
        for (int row = 0; row < output.Rows; row++)
        {
            Span<float> values = output.Row(row), moves = noise.View.Row(row);
            for (int i = 0; i < values.Length; i++) values[i] = MathF.Abs(values[i] + (Displacement * moves[i]));
        }
    }
}
