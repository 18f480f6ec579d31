using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Reference;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Pointwise;

/// <summary>Measures the errors that <see cref="SimdMath"/> states.</summary>
public sealed class SimdMathTests
{
    private const int Dense = 200_001;

    [Fact]
    public void Exp() => AssertUlps<ExpOp>(Math.Exp, 1.1, [.. Floats.Grid(-103.9, 88.72, Dense), .. Floats.EveryExponent(-100, 88)]);

    [Fact]
    public void Expm1() =>
        AssertUlps<Expm1Op>(ReferenceActivation.Expm1, 2, [.. Floats.Grid(-20, 88.72, Dense), .. Floats.EveryExponent(-100, 88)]);

    [Fact]
    public void Log() =>
        AssertUlps<LogOp>(Math.Log, 1.1, [.. Floats.Grid(1e-3, 4, Dense), .. Floats.EveryExponent(float.Epsilon, float.MaxValue)]);

    [Fact]
    public void Log1p() => AssertUlps<Log1pOp>(
        ReferenceActivation.Log1p, 2, [.. Floats.Grid(-0.99999, 4, Dense), .. Floats.EveryExponent(-0.99f, float.MaxValue)]);

    [Fact]
    public void Softplus() => AssertUlps<SoftplusOp>(
        ReferenceActivation.Softplus.Phi, 2.5, [.. Floats.Grid(-100, 100, Dense), .. Floats.EveryExponent(-100, float.MaxValue)]);

    [Fact]
    public void XLogX() => AssertUlps<XLogXOp>(
        x => x * Math.Log(x), 2, [.. Floats.Grid(1e-3, 4, Dense), .. Floats.EveryExponent(1e-30f, 1e30f)]);

    [Fact]
    public void XLogX1p() => AssertUlps<XLogX1pOp>(
        x => (1 + x) * ReferenceActivation.Log1p(x), 3, [.. Floats.Grid(-0.9999, 4, Dense), .. Floats.EveryExponent(-0.99f, 1e30f)]);

    [Fact]
    public void Tanh() => AssertError<TanhOp>(
        Math.Tanh, (error, expected) => error <= 3e-7 * expected, [.. Floats.Grid(-20, 20, Dense), .. Floats.EveryExponent(-1e30f, 1e30f)]);

    [Fact]
    public void Sigmoid() => AssertAbsolute<SigmoidOp>(
        ReferenceActivation.Sigmoid.Phi, 2e-7, [.. Floats.Grid(-40, 40, Dense), .. Floats.EveryExponent(-1e30f, 1e30f)]);

    [Fact]
    public void LogCosh() => AssertError<LogCoshOp>(
        x => Math.Abs(x) < 1e-3 ? x * x / 2 * (1 - (x * x / 6)) : Math.Abs(x) + ReferenceActivation.Log1p(Math.Exp(-2 * Math.Abs(x))) - Math.Log(2),
        (error, expected) => error <= 1e-6 * expected + float.Epsilon,
        [.. Floats.Grid(-40, 40, Dense), .. Floats.EveryExponent(-1e18f, 1e18f)]);

    [Fact]
    public void DilogarithmExp() => AssertAbsolute<DilogarithmExpOp>(
        x => Dilogarithm(Math.Exp(-x), -ReferenceActivation.Expm1(-x)), 3e-7, [.. Floats.Grid(0, 30, 2001), .. Floats.EveryExponent(0, 1e30f)]);

    [Fact]
    public void DilogarithmNegativeExp() => AssertAbsolute<DilogarithmNegativeExpOp>(
        x => Dilogarithm(-Math.Exp(-x), 2), 2e-7, [.. Floats.Grid(0, 30, 2001), .. Floats.EveryExponent(0, 1e30f)]);

    [Fact]
    public void Special_values()
    {
        const float inf = float.PositiveInfinity, nan = float.NaN;
        Assert.Equal([inf, 0f, 1f, 1f, inf, 0f, nan], Run<ExpOp>([inf, -inf, 0f, -0f, 89f, -104f, nan]));
        Assert.Equal([inf, -1f, 0f, inf, nan], Run<Expm1Op>([inf, -inf, 0f, 1e9f, nan]));
        Assert.Equal([inf, -inf, -inf, nan, nan, 0f, nan], Run<LogOp>([inf, 0f, -0f, -1f, -inf, 1f, nan]));
        Assert.Equal([inf, -inf, nan, nan, 0f, nan], Run<Log1pOp>([inf, -1f, -1.0000001f, -inf, 0f, nan]));
        Assert.Equal([1f, -1f, 0f, 1f, -1f, nan], Run<TanhOp>([inf, -inf, 0f, 9.1f, float.MinValue, nan]));
        Assert.Equal([1f, 0f, 0.5f, 1f, 0f, nan], Run<SigmoidOp>([inf, -inf, 0f, 19f, float.MinValue, nan]));
        Assert.Equal([inf, 0f, nan], Run<SoftplusOp>([inf, -inf, nan]));
        Assert.Equal([inf, inf, 0f, nan], Run<LogCoshOp>([inf, -inf, 0f, nan]));
        Assert.Equal([0f, 0f, nan, inf, nan], Run<XLogXOp>([0f, -0f, -1f, inf, nan]));
        Assert.Equal([0f, 0f, nan, inf, nan], Run<XLogX1pOp>([-1f, 0f, -2f, inf, nan]));
        Assert.Equal([1.64493407f, 0f, nan, nan], Run<DilogarithmExpOp>([0f, inf, -1f, nan]));
        Assert.Equal([-0.822467f, 0f, nan], Run<DilogarithmNegativeExpOp>([0f, inf, nan]).Select(x => MathF.Round(x, 6)));
    }

    [Fact]
    public void Denormals_are_not_flushed()
    {
        Assert.Equal(1e-40, Run<Expm1Op>([1e-40f])[0], 1e-44);
        Assert.Equal(1e-40, Run<Log1pOp>([1e-40f])[0], 1e-44);
        Assert.Equal(Math.Exp(-95), Run<ExpOp>([-95f])[0], 1e-44);
    }

    /// <summary>Li₂(y), given y and 1 − y, by its series and its reflection.</summary>
    private static double Dilogarithm(double y, double complement)
    {
        if (y > 0.5)
        {
            return (Math.PI * Math.PI / 6)
                - (complement == 0 ? 0 : Math.Log(complement) * ReferenceActivation.Log1p(-complement))
                - Dilogarithm(complement, y);
        }
        if (y < -0.5)
        {
            double w = y / (y - 1), log = Math.Log(1 - y);
            return -Dilogarithm(w, 1 - w) - (log * log / 2);
        }
        double sum = 0, power = y;
        for (int k = 1; k <= 80; k++, power *= y) sum += power / k / k;
        return sum;
    }

    private static void AssertUlps<TOp>(Func<double, double> reference, double ulps, float[] x)
        where TOp : struct, IUnaryOperator => AssertError<TOp>(reference, (error, expected) => error <= ulps * Ulp(expected), x);

    private static void AssertAbsolute<TOp>(Func<double, double> reference, double bound, float[] x)
        where TOp : struct, IUnaryOperator => AssertError<TOp>(reference, (error, _) => error <= bound, x);

    private static void AssertError<TOp>(Func<double, double> reference, Func<double, double, bool> fine, float[] x)
        where TOp : struct, IUnaryOperator
    {
        float[] actual = Run<TOp>(x);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = reference(x[i]);
            if (Math.Abs(expected) > float.MaxValue) continue;
            double error = Math.Abs(actual[i] - expected);
            if (fine(error, Math.Abs(expected))) continue;
            Assert.Fail($"f({x[i]:R}) = {actual[i]:R}, not {expected:R}: {error / Ulp(expected):F2} ulp");
        }
        foreach (SimdWidth width in Widths.List) Bits.AssertSame(actual, Run<TOp>(x, width), $"{typeof(TOp).Name} at {width}");
    }

    private static double Ulp(double x) => Math.Max(Math.ScaleB(1, Math.ILogB(Math.Max(Math.Abs(x), 1e-45)) - 23), float.Epsilon);

    private static float[] Run<TOp>(float[] x, SimdWidth width = SimdWidth.Scalar)
        where TOp : struct, IUnaryOperator
    {
        float[] result = new float[x.Length];
        using KernelContext context = new(1, width);
        Map.Unary(context, default(TOp), new ReadOnlyMatrixView(x, 1, x.Length), new MatrixView(result, 1, result.Length));
        return result;
    }

    private readonly struct ExpOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.Exp<TW, TV>(x);
    }

    private readonly struct Expm1Op : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.Expm1<TW, TV>(x);
    }

    private readonly struct LogOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.Log<TW, TV>(x);
    }

    private readonly struct Log1pOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.Log1p<TW, TV>(x);
    }

    private readonly struct SoftplusOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.Softplus<TW, TV>(x);
    }

    private readonly struct XLogXOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.XLogX<TW, TV>(x);
    }

    private readonly struct XLogX1pOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.XLogX1p<TW, TV>(x);
    }

    private readonly struct TanhOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.Tanh<TW, TV>(x);
    }

    private readonly struct SigmoidOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.Sigmoid<TW, TV>(x);
    }

    private readonly struct LogCoshOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.LogCosh<TW, TV>(x);
    }

    private readonly struct DilogarithmExpOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.DilogarithmExp<TW, TV>(x);
    }

    private readonly struct DilogarithmNegativeExpOp : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => SimdMath.DilogarithmNegativeExp<TW, TV>(x);
    }
}
