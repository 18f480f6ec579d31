using System.IO.Hashing;
using System.Runtime.InteropServices;
using Lpom.Cli.Options;
using Lpom.Cli.Training;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training.Distributed;

namespace Lpom.Cli.Distributed;

/// <summary>What ranks that divide a network's layers tell each other beside the steps. Every rank makes the same calls.</summary>
/// <param name="ranks">They, and their blocks.</param>
/// <param name="settings">For some data.</param>
internal sealed class NetworkBlocks(LayerRanks ranks, TrainSettings settings)
{
    private const int FloatsOfDouble = sizeof(double) / sizeof(float);

    private readonly Activation[] _activations = settings.ActivationsOf(ranks.Widths);

    public LayerRanks Ranks => ranks;

    /// <summary>Divides a network's layers among the ranks.</summary>
    /// <param name="ranks">The processes.</param>
    /// <param name="settings">For some data.</param>
    /// <param name="rows">Training rows.</param>
    /// <exception cref="BadInputException">There are more ranks than layers.</exception>
    public static NetworkBlocks Of(ICommunicator ranks, TrainSettings settings, int rows)
    {
        int layers = settings.Layers.Length - 1;
        return ranks.Size <= layers
            ? new NetworkBlocks(new LayerRanks(ranks, settings.Layers, Math.Min(settings.Batch, rows)), settings)
            : throw new BadInputException($"--distributed {TrainSettings.LayersDistribution}: {ranks.Size} ranks cannot divide {layers} {(layers == 1 ? "layer" : "layers")}; start at most one for each, or give --distributed {TrainSettings.UnitsDistribution}");
    }

    /// <summary>What the block below gives for some rows.</summary>
    public void ReceiveFromBelow(MatrixView values) => ranks.Ranks.Receive(Bytes(values), ranks.Ranks.Rank - 1);

    /// <summary>What this block gives for some rows, for the one above.</summary>
    public void SendUp(MatrixView values) => ranks.Ranks.Send(Bytes(values), ranks.Ranks.Rank + 1);

    /// <summary>The score that the last block's rank has.</summary>
    public Score FromLast(Score score)
    {
        ranks.Ranks.Broadcast(MemoryMarshal.AsBytes(new Span<Score>(ref score)), ranks.Ranks.Size - 1);
        return score;
    }

    /// <summary>‖W‖ of every layer of the network.</summary>
    public double[] Norms(Network block)
    {
        double[] norms = new double[ranks.Widths.Length - 1];
        for (int i = 0; i < block.Layers.Count; i++)
            norms[ranks.FirstLayer + i] = LayerFigures.NormOf(block.Layers[i]);
        int[] starts = [.. ranks.Starts];
        for (int rank = 0; rank < starts.Length; rank++)
            starts[rank] *= FloatsOfDouble;
        ranks.Ranks.AllGather(MemoryMarshal.Cast<double, float>(norms.AsSpan()), starts);
        return norms;
    }

    /// <summary>One digest of those of all blocks.</summary>
    public byte[] Digest(byte[] ofBlock)
    {
        int floats = ofBlock.Length / sizeof(float);
        float[] all = new float[floats * ranks.Ranks.Size];
        ofBlock.CopyTo(MemoryMarshal.AsBytes(all.AsSpan(floats * ranks.Ranks.Rank)));
        ranks.Ranks.AllGather(all, [.. Enumerable.Range(0, ranks.Ranks.Size + 1).Select(rank => rank * floats)]);
        return XxHash128.Hash(MemoryMarshal.AsBytes(all.AsSpan()));
    }

    /// <summary>The whole network on the first rank, which has room for all its weights once; on the others their blocks.</summary>
    public Network Join(Network block)
    {
        if (ranks.Ranks.Rank == 0)
            return new Network([.. block.Layers, .. Others(block.Layers.Count)], settings.Loss, block.Metadata, block.InputBounds);
        foreach (Layer layer in block.Layers)
        {
            // Row by row: what is sent is copied, and there is no room for a second layer.
            for (int unit = 0; unit < layer.Outputs; unit++)
                ranks.Ranks.Send(MemoryMarshal.AsBytes(layer.Weights.Row(unit)), 0);
            ranks.Ranks.Send(MemoryMarshal.AsBytes(layer.Bias), 0);
        }

        return block;
    }

    private IEnumerable<Layer> Others(int first)
    {
        for (int rank = 1, i = first; rank < ranks.Ranks.Size; rank++)
        {
            for (; i < ranks.Starts[rank + 1]; i++)
                yield return ReceiveLayer(i, rank);
        }
    }

    private Layer ReceiveLayer(int index, int rank)
    {
        var weights = new Matrix(ranks.Widths[index + 1], ranks.Widths[index]);
        var bias = new AlignedBuffer(weights.Rows);
        for (int unit = 0; unit < weights.Rows; unit++)
            ranks.Ranks.Receive(MemoryMarshal.AsBytes(weights.View.Row(unit)), rank);
        ranks.Ranks.Receive(MemoryMarshal.AsBytes(bias.Span), rank);
        return new Layer(weights, bias, _activations[index]);
    }

    // Both ends have the same shape, and so the same stride.
    private static Span<byte> Bytes(MatrixView matrix) => MemoryMarshal.AsBytes(matrix.Memory);
}
