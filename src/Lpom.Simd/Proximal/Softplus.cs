using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// φ(z) = ln(1 + eᶻ). F(x) = x²/2 + Li₂(e⁻ˣ) − π²/6 on x ≥ 0, F*(z) = −Li₂(−eᶻ) − π²/12, Li₂ the dilogarithm. The penalty's minimum is
/// −π²/12.
/// </summary>
/// <remarks>φ(z) = argmin over x ≥ 0 of f(x) + ½(x − z)², f(x) = Li₂(e⁻ˣ) − π²/6 = ∫₀ˣ ln(1 − e⁻ʸ) dy.</remarks>
public readonly struct Softplus : IProximalActivation
{
    private const float PiSquaredOver6 = 1.64493407f;
    private const float PiSquaredOver12 = 0.822467033f;

    /// <inheritdoc />
    public string Name => "softplus";

    /// <inheritdoc />
    public float Lipschitz => 1f;

    /// <inheritdoc />
    public float Lower => 0f;

    /// <inheritdoc />
    public float Upper => float.PositiveInfinity;

    /// <inheritdoc />
    public float PenaltyMinimum => -PiSquaredOver12;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Phi<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        SimdMath.Softplus<TW, TV>(z);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV f = TW.Subtract(SimdMath.DilogarithmExp<TW, TV>(x), TW.Broadcast(PiSquaredOver6));
        return Domain.AtLeast<TW, TV>(x, 0f, TW.Add(TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(x, x)), f));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        // For z > 0 by the inversion Li₂(−eᶻ) = −π²/6 − z²/2 − Li₂(−e⁻ᶻ).
        TV li = SimdMath.DilogarithmNegativeExp<TW, TV>(TW.Abs(z));
        TV constant = TW.Broadcast(PiSquaredOver12);
        TV positive = TW.Add(TW.Add(li, constant), TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(z, z)));
        return TW.Select(TW.LessThan(TW.Zero, z), positive, TW.Subtract(TW.Subtract(TW.Zero, li), constant));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        SimdMath.Sigmoid<TW, TV>(z);
}
