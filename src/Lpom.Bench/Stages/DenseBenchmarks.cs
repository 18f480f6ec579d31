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

    private KernelContext context = null!;
    private Matrix weight = null!;
    private Matrix input = null!;
    private Matrix output = null!;
    private Matrix back = null!;
    private Matrix gradient = null!;
    private Matrix gram = null!;
    private Matrix factor = null!;

    /// <summary>The layer's inputs.</summary>
    [Params(300, 784, 2048)]
    public int Inputs { get; set; }

    /// <summary>The layer's outputs.</summary>
    [Params(10, 300, 2048)]
    public int Outputs { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        context = new KernelContext(1);
        weight = Noise(Outputs, Inputs);
        input = Noise(Batch, Inputs);
        output = Noise(Batch, Outputs);
        back = Noise(Batch, Inputs);
        gradient = Noise(Outputs, Inputs);
        gram = Noise(Batch, Batch);
        factor = Noise(Batch, Batch);
        Syrk.Gram(context, input.View, gram.View);
        for (int i = 0; i < Batch; i++) gram.View[i, i] += 1;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        foreach (Matrix matrix in new[] { weight, input, output, back, gradient, gram, factor }) matrix.Dispose();
        context.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>X·Wᵀ.</summary>
    [Benchmark]
    public void Forward() => Gemm.Multiply(context, GemmForm.NT, input.View, weight.View, output.View);

    /// <summary>R·W.</summary>
    [Benchmark]
    public void Backward() => Gemm.Multiply(context, GemmForm.NN, output.View, weight.View, back.View);

    /// <summary>Rᵀ·X.</summary>
    [Benchmark]
    public void WeightGradient() => Gemm.Multiply(context, GemmForm.TN, output.View, input.View, gradient.View);

    /// <summary>X·Xᵀ.</summary>
    [Benchmark]
    public void BatchGram() => Syrk.Gram(context, input.View, factor.View);

    /// <summary>The factor of X·Xᵀ + I.</summary>
    [Benchmark]
    public void Factor()
    {
        for (int row = 0; row < Batch; row++) gram.View.Row(row).CopyTo(factor.View.Row(row));
        if (!Cholesky.Factor(context, factor.View).Success) throw new InvalidOperationException("Not positive definite.");
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
