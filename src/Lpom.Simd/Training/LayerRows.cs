using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Training;

/// <summary>A layer on some rows of the batch.</summary>
internal readonly ref struct LayerRows(BiasedLayer layer, RowRange rows)
{
    /// <inheritdoc cref="BiasedLayer.Activation" />
    public Activation Activation => layer.Activation;

    /// <inheritdoc cref="BiasedLayer.Outputs" />
    public int Outputs => layer.Outputs;

    /// <inheritdoc cref="BiasedLayer.Weights" />
    public MatrixView Weights => layer.Weights.View;

    /// <inheritdoc cref="BiasedLayer.WeightsWithoutBias" />
    public MatrixView WeightsWithoutBias => layer.WeightsWithoutBias;

    /// <inheritdoc cref="BiasedLayer.Input" />
    public MatrixView Input { get; } = layer.Input.SliceRows(rows.First, rows.Count);

    /// <inheritdoc cref="BiasedLayer.Product" />
    public MatrixView Product { get; } = layer.Product.SliceRows(rows.First, rows.Count);

    /// <inheritdoc cref="BiasedLayer.Deviation" />
    public MatrixView Deviation { get; } = layer.Deviation.SliceRows(rows.First, rows.Count);
}
