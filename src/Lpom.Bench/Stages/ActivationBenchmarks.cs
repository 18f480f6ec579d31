using BenchmarkDotNet.Attributes;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Proximal;

namespace Lpom.Bench.Stages;

/// <summary>STAGE 2: activations as proximal operators, eqs. (1) and (2), on the hidden layers of a batch of 100; one thread.</summary>
[MemoryDiagnoser]
public class ActivationBenchmarks : IDisposable
{
    private KernelContext _context = null!;
    private Activation _activation = null!;
    private Matrix _arguments = null!;
    private Matrix _activations = null!;

    /// <summary>The built-in activations.</summary>
    public static IEnumerable<string> Names => Activation.All.Select(a => a.Name);

    /// <summary>φ.</summary>
    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "";

    /// <summary>The layer's outputs.</summary>
    [Params(300, 2048)]
    public int Outputs { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        if (!Activation.TryGet(Name, out Activation? activation)) throw new InvalidOperationException($"There is no activation {Name}.");
        _activation = activation;
        _context = new KernelContext(threads: 1);
        _arguments = Noise.Matrix(RealNetworks.Batch, Outputs);
        _activations = new Matrix(RealNetworks.Batch, Outputs);
        _activation.Apply(_context, _arguments.View, _activations.View);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _context.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>X = φ(Z).</summary>
    [Benchmark]
    public void Phi() => _activation.Apply(_context, _arguments.View, _activations.View);

    /// <summary>The penalty of eq. (2), summed.</summary>
    [Benchmark]
    public double Penalty() => _activation.Penalty(_context, _activations.View, _arguments.View);
}
