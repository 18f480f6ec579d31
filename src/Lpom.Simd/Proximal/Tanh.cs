using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// φ(z) = tanh z. F(x) = ½[(1+x) ln(1+x) + (1−x) ln(1−x)] on [−1, 1], F*(z) = ln cosh z.
/// </summary>
/// <remarks>φ(z) = argmin over −1 ≤ x ≤ 1 of f(x) + ½(x − z)², f(x) = ½[(1+x) ln(1+x) + (1−x) ln(1−x)] − x²/2.</remarks>
public readonly struct Tanh : IProximalActivation
{
    /// <inheritdoc />
    public string Name => "tanh";

    /// <inheritdoc />
    public float Lipschitz => 1f;

    /// <inheritdoc />
    public float Lower => -1f;

    /// <inheritdoc />
    public float Upper => 1f;

    /// <inheritdoc />
    public float PenaltyMinimum => 0f;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Phi<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        SimdMath.Tanh<TW, TV>(z);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV mirrored = SimdMath.XLogX1p<TW, TV>(TW.Subtract(TW.Zero, x));
        TV f = TW.Multiply(TW.Broadcast(0.5f), TW.Add(SimdMath.XLogX1p<TW, TV>(x), mirrored));
        return Domain.Between<TW, TV>(x, -1f, 1f, f);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        SimdMath.LogCosh<TW, TV>(z);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Subtract(TW.Broadcast(1f), TW.Multiply(x, x));
}
