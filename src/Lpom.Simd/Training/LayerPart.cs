using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Training;

/// <summary>Some units of a layer, on some rows of the batch.</summary>
internal readonly ref struct LayerPart(BiasedLayer layer, RowRange rows, RowRange units)
{
    /// <inheritdoc cref="BiasedLayer.Activation" />
    public Activation Activation => layer.Activation;

    /// <summary>The units.</summary>
    public RowRange Units => units;

    /// <summary>Their weights [units × (inputs + 1)].</summary>
    public MatrixView Weights => layer.Weights.View.SliceRows(units.First, units.Count);

    /// <summary>The same without the biases [units × inputs].</summary>
    public MatrixView WeightsWithoutBias => layer.WeightsWithoutBias.SliceRows(units.First, units.Count);

    /// <summary>H of the whole layer [rows × (inputs + 1)].</summary>
    public MatrixView Input { get; } = layer.Input.SliceRows(rows.First, rows.Count);

    /// <summary>U [rows × units].</summary>
    public MatrixView Product { get; } = layer.Product.SliceRows(rows.First, rows.Count).SliceCols(units.First, units.Count);

    /// <summary>D [rows × units].</summary>
    public MatrixView Deviation { get; } = layer.Deviation.SliceRows(rows.First, rows.Count).SliceCols(units.First, units.Count);
}
