using BenchmarkDotNet.Attributes;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Paper;

namespace Lpom.Bench.Stages;

/// <summary>STAGE 5: a whole step of block coordinate descent on eq. (3) in paper mode, and the trainer's parts of it, on a batch of 100.</summary>
[MemoryDiagnoser]
public class TrainingStepBenchmarks : IDisposable
{
    private PaperTrainer _trainer = null!;
    private Matrix _inputs = null!;
    private int[] _labels = null!;

    /// <summary>The network's widths.</summary>
    [Params(RealNetworks.Mnist, RealNetworks.Wide)]
    public string Layers { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Network start = RealNetworks.Relu(Layers);
        _trainer = new PaperTrainer(start, new PaperOptions { MaxBatch = RealNetworks.Batch, Threads = Threads });
        _inputs = RealNetworks.Images(start);
        _labels = RealNetworks.Labels(start);
        _trainer.Step(_inputs.View, _labels);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _trainer.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The copy of the batch and the forward pass.</summary>
    [Benchmark]
    public void Begin() => _trainer.Begin(_inputs.View, _labels);

    /// <summary>Two sweeps of eqs. (5) and (4).</summary>
    [Benchmark]
    public void UpdateActivations() => _trainer.UpdateActivations();

    /// <summary>Eq. (7) in every layer.</summary>
    [Benchmark]
    public bool SolveWeights() => _trainer.SolveWeights();

    /// <summary>A whole step.</summary>
    [Benchmark(Baseline = true)]
    public double Step() => _trainer.Step(_inputs.View, _labels).Objective;
}
