using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Simd.Training.Streaming;

/// <summary>What streaming mode keeps for a layer besides <see cref="BiasedLayer"/>.</summary>
internal sealed class StreamingLayer : BiasedLayer
{
    /// <param name="layer">Shape, activation and first weights.</param>
    /// <param name="maxBatch">The most samples.</param>
    /// <param name="isFirst">Whether its rows are whitened.</param>
    public StreamingLayer(Layer layer, int maxBatch, bool isFirst)
        : base(layer, maxBatch)
    {
        Velocity = new Matrix(layer.Outputs, layer.Inputs + 1);
        Gram = isFirst ? null : new RunningGram(layer.Inputs + 1);
    }

    /// <param name="shared">The layer whose weights, velocity and metric it has, with activations of its own.</param>
    /// <param name="maxBatch">The most samples.</param>
    public StreamingLayer(StreamingLayer shared, int maxBatch)
        : base(shared, maxBatch) => (Velocity, Gram) = (shared.Velocity, shared.Gram);

    /// <summary>V [outputs × (inputs + 1)].</summary>
    public Matrix Velocity { get; }

    /// <summary>The metric of a hidden layer's input; null for the first layer, whose rows are whitened.</summary>
    public RunningGram? Gram { get; }
}
