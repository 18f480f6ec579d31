using BenchmarkDotNet.Attributes;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Paper;

namespace Lpom.Bench.Stages;

/// <summary>STAGE 3: one iteration of the output update (5) and of the activation update (4), on a batch of 100; one thread.</summary>
/// <remarks>Without the products of the activations with the weights above, which a sweep renews first.</remarks>
[MemoryDiagnoser]
public class ActivationUpdateBenchmarks : IDisposable
{
    private LayerChain _chain = null!;

    /// <summary>The network's widths.</summary>
    [Params(RealNetworks.Mnist, RealNetworks.Wide)]
    public string Layers { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _chain = new LayerChain(Layers);

    [GlobalCleanup]
    public void Dispose()
    {
        _chain.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Eq. (5) with least squares.</summary>
    [Benchmark]
    public void OutputLeastSquares() => OutputUpdate.Apply(_chain.Context, _chain.Layers[^1], _chain.Targets.View, Loss.LeastSquares);

    /// <summary>Eq. (5) with the softmax of cross-entropy.</summary>
    [Benchmark]
    public void OutputCrossEntropy() => OutputUpdate.Apply(_chain.Context, _chain.Layers[^1], _chain.Targets.View, Loss.CrossEntropy);

    /// <summary>Eq. (4) for every hidden layer, the top one first.</summary>
    [Benchmark]
    public void HiddenLayers()
    {
        for (int i = _chain.Layers.Count - 2; i >= 0; i--)
        {
            (PaperLayer below, PaperLayer above) = (_chain.Layers[i], _chain.Layers[i + 1]);
            float theta = ActivationUpdate.Theta(below, above, squaredNorm: 1, _chain.Options.GuardRelaxation);
            ActivationUpdate.Apply(_chain.Context, below, above, below.PreActivation, theta);
        }
    }
}
