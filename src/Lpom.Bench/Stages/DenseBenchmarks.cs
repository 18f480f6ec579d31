using BenchmarkDotNet.Attributes;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Bench.Stages;

/// <summary>The linear algebra under every stage, on the layers of 784-300-10 and of 2048-wide networks at batch 100.</summary>
[MemoryDiagnoser]
public class DenseBenchmarks : IDisposable
{
    private const int Batch = 100;

    private KernelContext _context = null!;
    private Matrix _weight = null!;
    private Matrix _input = null!;
    private Matrix _output = null!;
    private Matrix _back = null!;
    private Matrix _gradient = null!;
    private Matrix _gram = null!;
    private Matrix _factor = null!;

    /// <summary>The layer's inputs.</summary>
    [Params(300, 784, 2048)]
    public int Inputs { get; set; }

    /// <summary>The layer's outputs.</summary>
    [Params(10, 300, 2048)]
    public int Outputs { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _context = new KernelContext(1);
        _weight = Noise(Outputs, Inputs);
        _input = Noise(Batch, Inputs);
        _output = Noise(Batch, Outputs);
        _back = Noise(Batch, Inputs);
        _gradient = Noise(Outputs, Inputs);
        _gram = Noise(Batch, Batch);
        _factor = Noise(Batch, Batch);
        Syrk.Gram(_context, _input.View, _gram.View);
        for (int i = 0; i < Batch; i++) _gram.View[i, i] += 1;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _context.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>X·Wᵀ.</summary>
    [Benchmark]
    public void Forward() => Gemm.Multiply(_context, GemmForm.NT, _input.View, _weight.View, _output.View);

    /// <summary>R·W.</summary>
    [Benchmark]
    public void Backward() => Gemm.Multiply(_context, GemmForm.NN, _output.View, _weight.View, _back.View);

    /// <summary>Rᵀ·X.</summary>
    [Benchmark]
    public void WeightGradient() => Gemm.Multiply(_context, GemmForm.TN, _output.View, _input.View, _gradient.View);

    /// <summary>X·Xᵀ.</summary>
    [Benchmark]
    public void BatchGram() => Syrk.Gram(_context, _input.View, _factor.View);

    /// <summary>The factor of X·Xᵀ + I.</summary>
    [Benchmark]
    public void Factor()
    {
        for (int row = 0; row < Batch; row++) _gram.View.Row(row).CopyTo(_factor.View.Row(row));
        if (!Cholesky.Factor(_context, _factor.View).Success) throw new InvalidOperationException("Not positive definite.");
    }

    private static Matrix Noise(int rows, int cols)
    {
        Matrix matrix = new(rows, cols);
        uint state = 1;
        for (int row = 0; row < rows; row++)
        {
            foreach (ref float value in matrix.View.Row(row))
            {
                state = unchecked((state * 1664525) + 1013904223);
                value = ((state >> 8) / (float)(1 << 23)) - 1;
            }
        }
        return matrix;
    }
}
