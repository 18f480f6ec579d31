using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Simd.Training.Streaming;

/// <summary>What streaming mode keeps for a layer besides <see cref="BiasedLayer"/>.</summary>
internal sealed class StreamingLayer(Layer layer, int maxBatch, bool isFirst) : BiasedLayer(layer, maxBatch)
{
    /// <summary>V [outputs × (inputs + 1)].</summary>
    public Matrix Velocity { get; } = new(layer.Outputs, layer.Inputs + 1);

    /// <summary>The metric of a hidden layer's input; null for the first layer, whose rows are whitened.</summary>
    public RunningGram? Gram { get; } = isFirst ? null : new RunningGram(layer.Inputs + 1);
}
