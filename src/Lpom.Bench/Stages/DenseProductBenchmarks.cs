using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Lpom.Bench.Ratios;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using MathNet.Numerics;
using MathNetMatrix = MathNet.Numerics.LinearAlgebra.Matrix<float>;

namespace Lpom.Bench.Stages;

/// <summary>
/// The matrix products under every stage, of a layer and a batch of 100, and the same by OpenBLAS and by MathNet.Numerics' managed code;
/// one thread each. The ratio is a peer's time over ours.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
[PeersThatArePresent]
public unsafe class DenseProductBenchmarks : IDisposable
{
    private const int Batch = RealNetworks.Batch;

    private KernelContext _context = null!;
    private OpenBlas _openBlas = null!;
    private Matrix _weights = null!;
    private Matrix _inputs = null!;
    private Matrix _outputs = null!;
    private Matrix _back = null!;
    private Matrix _gradient = null!;
    private MathNetMatrix _mathNetWeights = null!;
    private MathNetMatrix _mathNetInputs = null!;
    private MathNetMatrix _mathNetOutputs = null!;
    private MathNetMatrix _mathNetBack = null!;
    private MathNetMatrix _mathNetGradient = null!;

    /// <summary>The layers of the networks that are measured.</summary>
    public static IEnumerable<LayerShape> Layers => LayerShape.OfRealNetworks;

    /// <summary>The layer.</summary>
    [ParamsSource(nameof(Layers))]
    public LayerShape Layer { get; set; } = null!;

    [GlobalSetup(Targets = [nameof(Forward), nameof(Backward), nameof(Gradient)])]
    public void Setup()
    {
        _context = new KernelContext(threads: 1);
        _weights = Noise.Matrix(Layer.Outputs, Layer.Inputs);
        _inputs = Noise.Matrix(Batch, Layer.Inputs);
        _outputs = Noise.Matrix(Batch, Layer.Outputs);
        _back = new Matrix(Batch, Layer.Inputs);
        _gradient = new Matrix(Layer.Outputs, Layer.Inputs);
    }

    [GlobalSetup(Targets = [nameof(ForwardOpenBlas), nameof(BackwardOpenBlas), nameof(GradientOpenBlas)])]
    public void SetupOpenBlas()
    {
        Setup();
        _openBlas = OpenBlas.TryLoad(threads: 1, _context.Width) ?? throw new InvalidOperationException("OpenBLAS is not installed.");
        Console.WriteLine($"// OpenBLAS: {_openBlas.Configuration}; kernels: {_openBlas.Core}");
        if (!_openBlas.IsFairAt(_context.Width))
            throw new InvalidOperationException($"OpenBLAS runs its {_openBlas.Core} kernels on a processor with AVX-512: no fair peer.");
    }

    [GlobalSetup(Targets = [nameof(ForwardMathNet), nameof(BackwardMathNet), nameof(GradientMathNet)])]
    public void SetupMathNet()
    {
        Setup();
        Control.UseManaged();
        Control.UseSingleThread();
        _mathNetWeights = Copy(_weights);
        _mathNetInputs = Copy(_inputs);
        _mathNetOutputs = Copy(_outputs);
        _mathNetBack = Copy(_back);
        _mathNetGradient = Copy(_gradient);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _context.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>X·Wᵀ.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("forward")]
    public void Forward() => Gemm.Multiply(_context, GemmForm.NT, _inputs.View, _weights.View, _outputs.View);

    [Benchmark, BenchmarkCategory("forward")]
    public void ForwardOpenBlas() => MultiplyByOpenBlas(false, true, Layer.Inputs, _inputs, _weights, _outputs);

    [Benchmark, BenchmarkCategory("forward")]
    public void ForwardMathNet() => _mathNetInputs.TransposeAndMultiply(_mathNetWeights, _mathNetOutputs);

    /// <summary>R·W.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("backward")]
    public void Backward() => Gemm.Multiply(_context, GemmForm.NN, _outputs.View, _weights.View, _back.View);

    [Benchmark, BenchmarkCategory("backward")]
    public void BackwardOpenBlas() => MultiplyByOpenBlas(false, false, Layer.Outputs, _outputs, _weights, _back);

    [Benchmark, BenchmarkCategory("backward")]
    public void BackwardMathNet() => _mathNetOutputs.Multiply(_mathNetWeights, _mathNetBack);

    /// <summary>Rᵀ·X.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("gradient")]
    public void Gradient() => Gemm.Multiply(_context, GemmForm.TN, _outputs.View, _inputs.View, _gradient.View);

    [Benchmark, BenchmarkCategory("gradient")]
    public void GradientOpenBlas() => MultiplyByOpenBlas(true, false, Batch, _outputs, _inputs, _gradient);

    [Benchmark, BenchmarkCategory("gradient")]
    public void GradientMathNet() => _mathNetOutputs.TransposeThisAndMultiply(_mathNetInputs, _mathNetGradient);

    // C [m × n] ← op(A)·op(B), summed over k.
    private void MultiplyByOpenBlas(bool transA, bool transB, int k, Matrix a, Matrix b, Matrix c)
    {
        fixed (float* pointerA = a.View, pointerB = b.View, pointerC = c.View)
        {
            _openBlas.Gemm(transA, transB, c.Rows, c.Cols, k, pointerA, a.Stride, pointerB, b.Stride, pointerC, c.Stride);
        }
    }

    private static MathNetMatrix Copy(Matrix matrix) =>
        MathNetMatrix.Build.Dense(matrix.Rows, matrix.Cols, (row, col) => matrix.View[row, col]);
}
