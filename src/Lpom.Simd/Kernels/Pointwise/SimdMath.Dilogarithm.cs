using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

public static partial class SimdMath
{
    /// <summary>
    /// Li₂(e⁻ˣ) for x ≥ 0: π²/6 at 0, 0 at +∞; NaN below 0. Absolute error ≤ 3e-7. Li₂ is the dilogarithm Σ yᵏ/k².
    /// </summary>
    [MethodImpl(Call)]
    public static TV DilogarithmExp<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        // u = −ln(1 − e⁻ˣ). Li₂(e⁻ˣ) = S(u), and by reflection π²/6 − x u − S(x) where e⁻ˣ > ½.
        TV y = Expm1<TW, TV>(TW.Subtract(TW.Zero, x));
        TV u = TW.Subtract(TW.Zero, Log<TW, TV>(TW.Subtract(TW.Zero, y)));
        TV near = TW.LessThan(x, TW.Broadcast(Ln2));
        TV series = DilogarithmSeries<TW, TV>(TW.Select(near, x, u));
        TV reflected = TW.Subtract(TW.Fma(TW.Subtract(TW.Zero, x), u, TW.Broadcast(1.64493407f)), series);
        TV result = TW.Select(near, reflected, series);
        return TW.Select(TW.Equal(x, TW.Zero), TW.Broadcast(1.64493407f), result);
    }

    /// <summary>Li₂(−e⁻ˣ) for x ≥ 0: −π²/12 at 0, 0 at +∞; meaningless below 0. Absolute error ≤ 2e-7.</summary>
    [MethodImpl(Call)]
    public static TV DilogarithmNegativeExp<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        DilogarithmSeries<TW, TV>(TW.Subtract(TW.Zero, Log1p<TW, TV>(Exp<TW, TV>(TW.Subtract(TW.Zero, x)))));

    /// <summary>S(u) = Σ Bₖ uᵏ⁺¹/(k+1)! = Li₂(1 − e⁻ᵘ), the Bernoulli series; its next term is 5e-11 u¹¹, |u| ≤ ln 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV DilogarithmSeries<TW, TV>(TV u)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV square = TW.Multiply(u, u);
        TV p = TW.Fma(square, TW.Broadcast(-1f / 10886400f), TW.Broadcast(1f / 211680f));
        p = TW.Fma(square, p, TW.Broadcast(-1f / 3600f));
        p = TW.Fma(square, p, TW.Broadcast(1f / 36f));
        p = TW.Fma(u, p, TW.Broadcast(-0.25f));
        return TW.Fma(square, p, u);
    }
}
