using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// φ(z) = 1/(1 + e⁻ᶻ). F(x) = x ln x + (1−x) ln(1−x) on [0, 1], F*(z) = ln(1 + eᶻ) − ln 2. The penalty's minimum is −ln 2.
/// </summary>
/// <remarks>φ(z) = argmin over 0 ≤ x ≤ 1 of f(x) + ½(x − z)², f(x) = x ln x + (1−x) ln(1−x) − x²/2.</remarks>
public readonly struct Sigmoid : IProximalActivation
{
    /// <inheritdoc />
    public string Name => "sigmoid";

    /// <inheritdoc />
    public float Lipschitz => 0.25f;

    /// <inheritdoc />
    public float Lower => 0f;

    /// <inheritdoc />
    public float Upper => 1f;

    /// <inheritdoc />
    public float PenaltyMinimum => -0.693147181f;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Phi<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        SimdMath.Sigmoid<TW, TV>(z);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV rest = TW.Subtract(TW.Broadcast(1f), x);
        return Domain.Between<TW, TV>(x, 0f, 1f, TW.Add(SimdMath.XLogX<TW, TV>(x), SimdMath.XLogX<TW, TV>(rest)));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Subtract(SimdMath.Softplus<TW, TV>(z), TW.Broadcast(0.693147181f));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Multiply(x, TW.Subtract(TW.Broadcast(1f), x));
}
