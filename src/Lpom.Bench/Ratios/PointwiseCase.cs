using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Bench.Ratios;

/// <summary>One elementwise function on 200,000 floats: ours, and .NET's TensorPrimitives in turn.</summary>
/// <param name="Op">tanh, sigmoid or exp.</param>
/// <param name="Ours">Our kernel, from the first matrix into the second.</param>
/// <param name="Peer">TensorPrimitives' function.</param>
/// <param name="Exact">The function in double.</param>
internal sealed record PointwiseCase(
    string Op, Action<KernelContext, Matrix, Matrix> Ours, Action<float[], float[]> Peer, Func<double, double> Exact)
{
    private const int Count = 200_000;
    private const float Range = 10;
    private const int Samples = 301;

    // The runtime compiles TensorPrimitives at full optimisation after its first calls, in the background.
    private const double WarmUpSeconds = 1;

    /// <summary>Every case.</summary>
    public static readonly PointwiseCase[] All =
    [
        new("tanh", static (context, x, y) => Map.Unary(context, default(TanhOperator), x.View, y.View), static (x, y) => TensorPrimitives.Tanh<float>(x, y), Math.Tanh),
        new("sigmoid", static (context, x, y) => Map.Unary(context, default(SigmoidOperator), x.View, y.View), static (x, y) => TensorPrimitives.Sigmoid<float>(x, y), static x => 1 / (1 + Math.Exp(-x))),
        new("exp", static (context, x, y) => Map.Unary(context, default(ExpOperator), x.View, y.View), static (x, y) => TensorPrimitives.Exp<float>(x, y), Math.Exp),
    ];

    /// <summary>Measures the case: medians of alternating calls.</summary>
    public PointwiseLine Measure(KernelContext context, int threads)
    {
        var (x, y) = (new Matrix(1, Count), new Matrix(1, Count));
        Span<float> values = x.View.Row(0);
        for (int i = 0; i < Count; i++) values[i] = (2 * Range * i / (Count - 1)) - Range;
        float[] peerX = values.ToArray(), peerY = new float[Count];
        double[] ours = new double[Samples], peer = new double[Samples];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Samples;)
        {
            (ours[i], peer[i]) = (Time(() => Ours(context, x, y)), Time(() => Peer(peerX, peerY)));
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > WarmUpSeconds) i++;
        }
        Array.Sort(ours);
        Array.Sort(peer);
        (double fast, double theirs) = (Count / ours[Samples / 2] / 1e9, Count / peer[Samples / 2] / 1e9);
        return new PointwiseLine(
            Op, Count, threads, (int)context.Width, Math.Round(fast, 2), Math.Round(theirs, 2), Math.Round(fast / theirs, 2), MaxError(values, y.View.Row(0)));
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // Absolute where the function is bounded, relative for exp.
    private double MaxError(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double worst = 0;
        for (int i = 0; i < Count; i++)
        {
            double exact = Exact(x[i]);
            worst = Math.Max(worst, Math.Abs(y[i] - exact) / Math.Max(1, Math.Abs(exact)));
        }
        return worst;
    }

    private readonly struct TanhOperator : IUnaryOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.Tanh<TW, TV>(x);
    }

    private readonly struct SigmoidOperator : IUnaryOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.Sigmoid<TW, TV>(x);
    }

    private readonly struct ExpOperator : IUnaryOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.Exp<TW, TV>(x);
    }
}
