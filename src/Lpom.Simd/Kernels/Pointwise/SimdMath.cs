using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>
/// Elementary functions for vector bodies: one body for every width, each lane by itself, so the bits do not depend on the width.
/// </summary>
/// <remarks>
/// The stated errors are maxima against <see cref="Math"/> in double precision, with FMA hardware, over a dense grid of the range, every
/// power of two and the special values; the tests measure them again on each run. 'ulp' is the spacing of floats at the true result.
/// Unless a function says otherwise a NaN gives a NaN, and a denormal argument is not flushed.
/// </remarks>
public static partial class SimdMath
{
    // The longest functions are calls: inlined into each other they exhaust the JIT's budget for one method, and then every operation of
    // the width trait becomes a call. Optimised at once, as the loops that call them are.
    private const MethodImplOptions Call = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

    private const float Log2E = 1.44269504f;

    // ln 2 in two parts; the high part has 9 bits, so that n · high is exact for |n| < 2¹⁵ without FMA as well.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const float Ln2 = 0.693147181f;

    /// <summary>eˣ. Error ≤ 1.1 ulp, also where the result is denormal. Above 88.73 +∞, below −103.98 0; e^±∞ = +∞, 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Exp<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV clipped = TW.Max(TW.Broadcast(-104f), TW.Min(TW.Broadcast(89f), x));
        TV n = TW.Round(TW.Multiply(clipped, TW.Broadcast(Log2E)));
        TV mantissa = TW.Add(TW.Broadcast(1f), ReducedExpm1<TW, TV>(clipped, n));
        // 2ⁿ in two factors, as n reaches −150 and 128.
        TV half = TW.Round(TW.Multiply(n, TW.Broadcast(0.5f)));
        return TW.Multiply(TW.Multiply(mantissa, TW.PowerOfTwo(half)), TW.PowerOfTwo(TW.Subtract(n, half)));
    }

    /// <summary>eˣ − 1. Error ≤ 2 ulp. Above 88.73 +∞; −1 at −∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Expm1<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV clipped = TW.Max(TW.Broadcast(-20f), TW.Min(TW.Broadcast(89f), x));
        TV n = TW.Round(TW.Multiply(clipped, TW.Broadcast(Log2E)));
        TV half = TW.Round(TW.Multiply(n, TW.Broadcast(0.5f)));
        TV rest = TW.Subtract(n, half);
        // 2ⁿ(m + 1) − 1 = 2ʳ (2ʰ m + (2ʰ − 2⁻ʳ)), r = n − h, keeps the digits near 0, where n = 0.
        TV scale = TW.PowerOfTwo(half);
        TV offset = TW.Subtract(scale, TW.PowerOfTwo(TW.Subtract(TW.Zero, rest)));
        return TW.Multiply(TW.Fma(scale, ReducedExpm1<TW, TV>(clipped, n), offset), TW.PowerOfTwo(rest));
    }

    /// <summary>ln x. Error ≤ 1.1 ulp. Zero gives −∞, +∞ itself, a negative number NaN; denormals are exact in the same sense.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Log<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV denormal = TW.LessThan(x, TW.Broadcast(1.17549435e-38f));
        TV normal = TW.Select(denormal, TW.Multiply(x, TW.Broadcast(1 << 25)), x);
        TV e = TW.Subtract(TW.Exponent(normal), TW.And(denormal, TW.Broadcast(25f)));
        TV fraction = TW.Fraction(normal);
        TV large = TW.LessThan(TW.Broadcast(1.41421356f), fraction);
        e = TW.Add(e, TW.And(large, TW.Broadcast(1f)));
        TV r = TW.Subtract(TW.Select(large, TW.Multiply(fraction, TW.Broadcast(0.5f)), fraction), TW.Broadcast(1f));
        TV result = LogFraction<TW, TV>(r, e);
        // What is not a positive finite number: +∞ stays, NaN stays, 0 gives −∞ and less gives NaN.
        TV finite = TW.LessThan(x, TW.Broadcast(float.PositiveInfinity));
        result = TW.Select(finite, result, x);
        result = TW.Select(TW.Equal(x, TW.Zero), TW.Broadcast(float.NegativeInfinity), result);
        return TW.Select(TW.LessThan(x, TW.Zero), TW.Broadcast(float.NaN), result);
    }

    /// <summary>ln(1 + x). Error ≤ 2 ulp. −1 gives −∞, less NaN, +∞ itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Log1p<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV one = TW.Broadcast(1f);
        TV sum = TW.Add(one, x);
        // What the sum's rounding lost, to first order. The two infinities of x and of ln 0 must not meet it.
        TV lost = TW.Divide(TW.Subtract(x, TW.Subtract(sum, one)), sum);
        TV log = Log<TW, TV>(sum);
        TV finite = TW.LessThan(TW.Abs(log), TW.Broadcast(float.PositiveInfinity));
        return TW.Select(finite, TW.Add(log, lost), log);
    }

    /// <summary>
    /// tanh x. Error ≤ 3e-7, relative as well, so that a small x is itself; odd, within [−1, 1]; ±1 beyond |x| = 9. One rational of degree
    /// 9/8 and one division.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Tanh<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        // Beyond the end the rational is that of the end times x/9, and cut off at ±1.
        TV s = TW.Min(TW.Broadcast(TanhEnd * TanhEnd), TW.Multiply(x, x));
        TV p = TW.Fma(s, TW.Broadcast(TanhP9), TW.Broadcast(TanhP7));
        TV q = TW.Fma(s, TW.Broadcast(TanhQ8), TW.Broadcast(TanhQ6));
        p = TW.Fma(s, p, TW.Broadcast(TanhP5));
        q = TW.Fma(s, q, TW.Broadcast(TanhQ4));
        p = TW.Fma(s, p, TW.Broadcast(TanhP3));
        q = TW.Fma(s, q, TW.Broadcast(TanhQ2));
        p = TW.Fma(s, p, TW.Broadcast(1f));
        q = TW.Fma(s, q, TW.Broadcast(1f));
        TV ratio = TW.Divide(TW.Multiply(x, p), q);
        return TW.Max(TW.Broadcast(-1f), TW.Min(TW.Broadcast(1f), ratio));
    }

    /// <summary>1/(1 + e⁻ˣ) = ½ + ½ tanh(x/2). Absolute error ≤ 2e-7, within [0, 1]; 0 or 1 beyond |x| = 18.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Sigmoid<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        // ½ and ½x go into the coefficients, by powers of two: exactly.
        TV s = TW.Min(TW.Broadcast(4 * TanhEnd * TanhEnd), TW.Multiply(x, x));
        TV p = TW.Fma(s, TW.Broadcast(TanhP9 / (1 << 10)), TW.Broadcast(TanhP7 / (1 << 8)));
        TV q = TW.Fma(s, TW.Broadcast(TanhQ8 / (1 << 8)), TW.Broadcast(TanhQ6 / (1 << 6)));
        p = TW.Fma(s, p, TW.Broadcast(TanhP5 / (1 << 6)));
        q = TW.Fma(s, q, TW.Broadcast(TanhQ4 / (1 << 4)));
        p = TW.Fma(s, p, TW.Broadcast(TanhP3 / (1 << 4)));
        q = TW.Fma(s, q, TW.Broadcast(TanhQ2 / (1 << 2)));
        p = TW.Fma(s, p, TW.Broadcast(0.25f));
        q = TW.Fma(s, q, TW.Broadcast(1f));
        TV halfTanh = TW.Divide(TW.Multiply(x, p), q);
        return TW.Max(TW.Zero, TW.Min(TW.Broadcast(1f), TW.Add(TW.Broadcast(0.5f), halfTanh)));
    }

    /// <summary>ln(1 + eˣ), as max(x, 0) + ln(1 + e^−|x|). Error ≤ 2.5 ulp. e^x where x is very negative; +∞ at +∞, 0 at −∞.</summary>
    [MethodImpl(Call)]
    public static TV Softplus<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Add(TW.Max(TW.Zero, x), Log1p<TW, TV>(Exp<TW, TV>(NegativeAbs<TW, TV>(x))));

    /// <summary>ln cosh x, without overflow. Error ≤ 1e-6 relative. +∞ at ±∞.</summary>
    [MethodImpl(Call)]
    public static TV LogCosh<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        // |x| − ln 2 + ln(1 + e^−2|x|) cancels near 0; there ln cosh = −½ ln(1 − tanh²). Both take one logarithm.
        TV size = TW.Abs(x);
        TV near = TW.LessThan(size, TW.Broadcast(0.75f));
        TV t = Tanh<TW, TV>(x);
        TV square = TW.Multiply(TW.Subtract(TW.Zero, t), t);
        TV log = Log1p<TW, TV>(TW.Select(near, square, Exp<TW, TV>(TW.Multiply(TW.Broadcast(-2f), size))));
        TV factor = TW.Select(near, TW.Broadcast(-0.5f), TW.Broadcast(1f));
        TV offset = TW.Select(near, TW.Zero, TW.Subtract(size, TW.Broadcast(Ln2)));
        return TW.Fma(factor, log, offset);
    }

    /// <summary>x ln x, 0 at 0. Error ≤ 2 ulp. A negative number gives NaN, +∞ itself.</summary>
    [MethodImpl(Call)]
    public static TV XLogX<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Select(TW.Equal(x, TW.Zero), TW.Zero, TW.Multiply(x, Log<TW, TV>(x)));

    /// <summary>(1 + x) ln(1 + x), 0 at −1, keeping the digits of a small x. Error ≤ 3 ulp. Below −1 NaN, +∞ itself.</summary>
    [MethodImpl(Call)]
    public static TV XLogX1p<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV one = TW.Broadcast(1f);
        return TW.Select(TW.Equal(x, TW.Broadcast(-1f)), TW.Zero, TW.Multiply(TW.Add(one, x), Log1p<TW, TV>(x)));
    }

    /// <summary>−|x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TV NegativeAbs<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Or(x, TW.Broadcast(-0f));

    // The rational of tanh, by degree of x: minimax in the relative error, then the floats around it whose largest error over every float
    // is the least found (2.97e-7, of which 2e-8 is the rational's own). Those of degree 1 and 0 are 1.
    private const float TanhEnd = 9f;
    private const float TanhP3 = 0.133839816f;
    private const float TanhP5 = 0.00349899475f;
    private const float TanhP7 = 2.06612767e-05f;
    private const float TanhP9 = 1.34198208e-08f;
    private const float TanhQ2 = 0.46717304f;
    private const float TanhQ4 = 0.0258902032f;
    private const float TanhQ6 = 0.000329103786f;
    private const float TanhQ8 = 7.80473727e-07f;

    /// <summary>e^(x − n ln 2) − 1 for n = round(x / ln 2). The polynomial is Cephes' expf.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV ReducedExpm1<TW, TV>(TV x, TV n)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV r = TW.Fma(n, TW.Broadcast(-Ln2Low), TW.Fma(n, TW.Broadcast(-Ln2High), x));
        TV p = TW.Fma(r, TW.Broadcast(1.9875691500e-4f), TW.Broadcast(1.3981999507e-3f));
        p = TW.Fma(r, p, TW.Broadcast(8.3334519073e-3f));
        p = TW.Fma(r, p, TW.Broadcast(4.1665795894e-2f));
        p = TW.Fma(r, p, TW.Broadcast(1.6666665459e-1f));
        p = TW.Fma(r, p, TW.Broadcast(5.0000001201e-1f));
        return TW.Fma(TW.Multiply(r, r), p, r);
    }

    /// <summary>ln(1 + r) + e ln 2 for √½ ≤ 1 + r ≤ √2. The polynomial is Cephes' logf.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV LogFraction<TW, TV>(TV r, TV e)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV p = TW.Fma(r, TW.Broadcast(7.0376836292e-2f), TW.Broadcast(-1.1514610310e-1f));
        p = TW.Fma(r, p, TW.Broadcast(1.1676998740e-1f));
        p = TW.Fma(r, p, TW.Broadcast(-1.2420140846e-1f));
        p = TW.Fma(r, p, TW.Broadcast(1.4249322787e-1f));
        p = TW.Fma(r, p, TW.Broadcast(-1.6668057665e-1f));
        p = TW.Fma(r, p, TW.Broadcast(2.0000714765e-1f));
        p = TW.Fma(r, p, TW.Broadcast(-2.4999993993e-1f));
        p = TW.Fma(r, p, TW.Broadcast(3.3333331174e-1f));
        TV square = TW.Multiply(r, r);
        TV y = TW.Multiply(TW.Multiply(r, square), p);
        y = TW.Fma(e, TW.Broadcast(Ln2Low), y);
        y = TW.Fma(square, TW.Broadcast(-0.5f), y);
        return TW.Fma(e, TW.Broadcast(Ln2High), TW.Add(r, y));
    }
}
