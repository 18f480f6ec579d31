using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// φ(z) = z for z ≥ 0, eᶻ − 1 below (ELU with α = 1). F(x) = x²/2 for x ≥ 0, (1+x) ln(1+x) − x on [−1, 0); F*(z) = z²/2 for z ≥ 0,
/// eᶻ − 1 − z below.
/// </summary>
/// <remarks>φ(z) = argmin over x ≥ −1 of f(x) + ½(x − z)², f(x) = 0 for x ≥ 0 and (1+x) ln(1+x) − x − x²/2 on [−1, 0).</remarks>
public readonly struct Elu : IProximalActivation
{
    /// <inheritdoc />
    public string Name => "elu";

    /// <inheritdoc />
    public float Lipschitz => 1f;

    /// <inheritdoc />
    public float Lower => -1f;

    /// <inheritdoc />
    public float Upper => float.PositiveInfinity;

    /// <inheritdoc />
    public float PenaltyMinimum => 0f;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Phi<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Select(TW.LessThan(z, TW.Zero), SimdMath.Expm1<TW, TV>(z), z);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV negative = TW.Subtract(SimdMath.XLogX1p<TW, TV>(x), x);
        TV f = TW.Select(TW.LessThan(x, TW.Zero), negative, TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(x, x)));
        return Domain.AtLeast<TW, TV>(x, -1f, f);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV negative = TW.Subtract(SimdMath.Expm1<TW, TV>(z), z);
        return TW.Select(TW.LessThan(z, TW.Zero), negative, TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(z, z)));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Select(TW.LessThan(z, TW.Zero), TW.Add(x, TW.Broadcast(1f)), TW.Broadcast(1f));
}
