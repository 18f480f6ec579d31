using BenchmarkDotNet.Attributes;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training;

namespace Lpom.Bench.Stages;

/// <summary>The stages of a training step in paper mode, and the whole step, on a batch of 100 random images.</summary>
[MemoryDiagnoser]
public class TrainingBenchmarks : IDisposable
{
    private const int Batch = 100;

    private Trainer _trainer = null!;
    private float[] _inputs = null!;
    private int[] _labels = null!;

    /// <summary>The network's widths.</summary>
    [Params("784-300-10", "784-500-150-10", "784-2048-2048-2048-10")]
    public string Layers { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        int[] widths = [.. Layers.Split('-').Select(int.Parse)];
        Activation relu = Activation.Of(default(Relu));
        Network start = NetworkInit.Glorot(widths, relu, relu, Loss.LeastSquares, seed: 1);
        _trainer = new Trainer(start, new TrainerOptions { MaxBatch = Batch, Threads = Threads });
        var random = new Rng(1);
        _inputs = new float[Batch * widths[0]];
        foreach (ref float x in _inputs.AsSpan()) x = random.NextSingle();
        _labels = [.. Enumerable.Range(0, Batch).Select(i => i % widths[^1])];
        _trainer.Step(new(_inputs, Batch, widths[0]), _labels);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _trainer.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The copy of the batch and the forward pass.</summary>
    [Benchmark]
    public void Begin() => _trainer.Begin(new(_inputs, Batch, _inputs.Length / Batch), _labels);

    /// <summary>Two sweeps of eqs. (5) and (4).</summary>
    [Benchmark]
    public void UpdateActivations() => _trainer.UpdateActivations();

    /// <summary>Eq. (7) in every layer.</summary>
    [Benchmark]
    public bool SolveWeights() => _trainer.SolveWeights();

    /// <summary>A whole step.</summary>
    [Benchmark(Baseline = true)]
    public double Step() => _trainer.Step(new(_inputs, Batch, _inputs.Length / Batch), _labels).Objective;
}
