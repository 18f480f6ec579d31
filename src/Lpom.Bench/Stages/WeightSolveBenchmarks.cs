using BenchmarkDotNet.Attributes;
using Lpom.Simd.Training.Paper;

namespace Lpom.Bench.Stages;

/// <summary>STAGE 4: the weight solve (7) of every layer, on a batch of 100; one thread.</summary>
[MemoryDiagnoser]
public class WeightSolveBenchmarks : IDisposable
{
    // Small enough that the weights stay as they are over any number of calls.
    private const float StepScale = 1e-6f;

    private LayerChain _chain = null!;

    /// <summary>The network's widths.</summary>
    [Params(RealNetworks.Mnist, RealNetworks.Wide)]
    public string Layers { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _chain = new LayerChain(Layers);
        FactorGrams();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _chain.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>X·Xᵀ + εI and its Cholesky factor, in every layer.</summary>
    [Benchmark]
    public void FactorGrams()
    {
        for (int i = 0; i < _chain.Layers.Count; i++)
        {
            if (!WeightSolve.Factor(_chain.Context, _chain.Layers[i], _chain.InputOf(i), _chain.Options.Ridge))
                throw new InvalidOperationException($"The Gram matrix of layer {i + 1} is not positive definite.");
        }
    }

    /// <summary>The residuals, the triangular solves with them and the change of the weights, in every layer.</summary>
    [Benchmark]
    public void ApplySteps()
    {
        for (int i = 0; i < _chain.Layers.Count; i++)
        {
            PaperLayer layer = _chain.Layers[i];
            layer.Activation.Residual(_chain.Context, layer.Product, layer.Output, layer.Residual);
            WeightSolve.Apply(_chain.Context, layer, _chain.InputOf(i), _chain.Options.WeightSteps, StepScale);
        }
    }
}
