using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>What every activation's F and F* give: f, g, the proximal objective and the penalty ([L19] eqs. 6 to 11).</summary>
public static class ProximalOperator
{
    /// <summary>f(x) = F(x) − x²/2 = ∫₀ˣ (φ⁻¹(y) − y) dy: φ is its proximal operator. +∞ outside the domain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV SmallF<TAct, TW, TV>(TAct activation, TV x)
        where TAct : struct, IProximalActivation
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Subtract(activation.F<TW, TV>(x), HalfSquare<TW, TV>(x));

    /// <summary>g(z) = F*(z) − z²/2 = ∫₀ᶻ (φ(y) − y) dy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV SmallG<TAct, TW, TV>(TAct activation, TV z)
        where TAct : struct, IProximalActivation
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Subtract(activation.FStar<TW, TV>(z), HalfSquare<TW, TV>(z));

    /// <summary>f(x) + ½(x − z)², which x = φ(z) minimises.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Objective<TAct, TW, TV>(TAct activation, TV x, TV z)
        where TAct : struct, IProximalActivation
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Add(SmallF<TAct, TW, TV>(activation, x), HalfSquare<TW, TV>(TW.Subtract(x, z)));

    /// <summary>
    /// P(x, z) = f(x) + g(z) + ½(x − z)² = F(x) + F*(z) − xz, less its minimum F(φ(0)): 0 where x = φ(z), else positive, to rounding;
    /// +∞ where x is outside the domain. Convex in x and in z.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Penalty<TAct, TW, TV>(TAct activation, TV x, TV z)
        where TAct : struct, IProximalActivation
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV pair = TW.Add(activation.F<TW, TV>(x), activation.FStar<TW, TV>(z));
        TV product = TW.Multiply(TW.Subtract(TW.Zero, x), z);
        return TW.Subtract(TW.Add(pair, product), TW.Broadcast(activation.PenaltyMinimum));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV HalfSquare<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(x, x));
}
