using BenchmarkDotNet.Attributes;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Bench.Stages;

/// <summary>STAGE 1: prediction, one thread.</summary>
[MemoryDiagnoser]
public class PredictionBenchmarks : IDisposable
{
    private Network _network = null!;
    private Workspace _workspace = null!;
    private Matrix _samples = null!;
    private Matrix _scores = null!;

    /// <summary>The network's widths.</summary>
    [Params(RealNetworks.Mnist, RealNetworks.Wide)]
    public string Layers { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _network = RealNetworks.Relu(Layers);
        _workspace = Workspace.For(_network, RealNetworks.Batch);
        _samples = RealNetworks.Images(_network);
        _scores = new Matrix(RealNetworks.Batch, _network.Outputs);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _workspace.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The scores of one sample.</summary>
    [Benchmark]
    public void OneSample() => _network.Predict(_samples.View.Row(0), _scores.View.Row(0), _workspace);

    /// <summary>The class of one sample.</summary>
    [Benchmark]
    public int OneLabel() => _network.PredictLabel(_samples.View.Row(0), _workspace);

    /// <summary>The scores of a batch of 100; per sample.</summary>
    [Benchmark(OperationsPerInvoke = RealNetworks.Batch)]
    public void SampleOfBatch() => _network.PredictBatch(_samples.View, _scores.View, _workspace);
}
