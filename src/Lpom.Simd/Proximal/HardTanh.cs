using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// φ(z) = clip(z, −1, 1). F(x) = x²/2 on [−1, 1]; F*(z) = z²/2 on [−1, 1], |z| − ½ outside.
/// </summary>
/// <remarks>clip(z, −1, 1) = argmin over −1 ≤ x ≤ 1 of ½(x − z)²: f = 0 on [−1, 1], a projection.</remarks>
public readonly struct HardTanh : IProximalActivation
{
    /// <inheritdoc />
    public string Name => "hard-tanh";

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
        Domain.Clip<TW, TV>(z, -1f, 1f);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        Domain.Between<TW, TV>(x, -1f, 1f, TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(x, x)));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV size = TW.Abs(z);
        TV inside = TW.Min(TW.Broadcast(1f), size);
        return TW.Add(TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(inside, inside)), TW.Subtract(size, inside));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        Domain.Inside<TW, TV>(x, -1f, 1f, 1f);
}
