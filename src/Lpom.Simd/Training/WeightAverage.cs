using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training;

/// <summary>The mean of the weights over the last part of a run.</summary>
internal sealed class WeightAverage
{
    private readonly Matrix[] _means;
    private readonly int _firstStep;
    private readonly int[] _counts;

    /// <param name="layers">The layers to average.</param>
    /// <param name="part">The last part of the run, above 0.</param>
    /// <param name="totalSteps">The steps of the run.</param>
    public WeightAverage(ReadOnlySpan<BiasedLayer> layers, float part, int totalSteps)
    {
        _means = new Matrix[layers.Length];
        _counts = new int[layers.Length];
        for (int i = 0; i < layers.Length; i++) _means[i] = new Matrix(layers[i].Outputs, layers[i].Inputs + 1);
        _firstStep = (int)Math.Floor(totalSteps * (1.0 - part));
    }

    /// <summary>Whether the last part has begun.</summary>
    public bool HasBegun => _counts[0] > 0;

    /// <summary>The mean weights of a layer [outputs × (inputs + 1)].</summary>
    public MatrixView this[int layer] => _means[layer].View;

    public void VisitState(IStateVisitor state)
    {
        foreach (Matrix mean in _means) state.Visit(mean.View);
        // The layers' are equal between steps.
        state.Visit(ref _counts[0]);
        Array.Fill(_counts, _counts[0]);
    }

    /// <summary>Takes in a layer's weights after a step; several threads may each do other layers.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="index">The layer's place.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="units">Those of the layer's units that are done here.</param>
    /// <param name="step">The step's number, from 0.</param>
    public void Add(KernelContext context, int index, BiasedLayer layer, RowRange units, int step)
    {
        if (step < _firstStep) return;
        float weight = 1f / ++_counts[index];
        MatrixView mean = _means[index].View.SliceRows(units.First, units.Count);
        Map.Binary(context, new AxpBy(1 - weight, weight), mean, layer.Weights.View.SliceRows(units.First, units.Count), mean);
    }
}
