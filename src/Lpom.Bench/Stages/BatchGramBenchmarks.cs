using BenchmarkDotNet.Attributes;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Bench.Stages;

/// <summary>The kernels under stage 4: the Gram matrix of a batch of 100, its factor, and solves with it; one thread.</summary>
[MemoryDiagnoser]
public class BatchGramBenchmarks : IDisposable
{
    private const int Batch = RealNetworks.Batch;

    private KernelContext _context = null!;
    private Matrix _inputs = null!;
    private Matrix _gram = null!;
    private Matrix _factor = null!;
    private Matrix _residual = null!;

    /// <summary>The width of the batch's samples and of what is solved for.</summary>
    [Params(300, 784, 2048)]
    public int Width { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _context = new KernelContext(threads: 1);
        _inputs = Noise.Matrix(Batch, Width);
        _residual = Noise.Matrix(Batch, Width);
        _gram = new Matrix(Batch, Batch);
        _factor = new Matrix(Batch, Batch);
        Gram();
        for (int i = 0; i < Batch; i++) _gram.View[i, i] += 1;
        Factor();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _context.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>X·Xᵀ.</summary>
    [Benchmark]
    public void Gram() => Syrk.Gram(_context, _inputs.View, _gram.View);

    /// <summary>The factor of X·Xᵀ + I.</summary>
    [Benchmark]
    public void Factor()
    {
        _gram.View.CopyTo(_factor.View);
        if (!Cholesky.Factor(_context, _factor.View).Success) throw new InvalidOperationException("Not positive definite.");
    }

    /// <summary>(X·Xᵀ + I)⁻¹ R for R [100 × width].</summary>
    [Benchmark]
    public void Solve()
    {
        _inputs.View.CopyTo(_residual.View);
        Cholesky.Solve(_context, _factor.View, _residual.View);
    }
}
