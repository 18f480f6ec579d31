using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// φ(z) = clip(z/4 + ½, 0, 1). F(x) = 2(x − ½)² − ½ on [0, 1]; F*(z) = z²/8 + z/2 on [−2, 2], −½ below, z − ½ above. The penalty's
/// minimum is −½.
/// </summary>
/// <remarks>φ(z) = argmin over 0 ≤ x ≤ 1 of f(x) + ½(x − z)², f(x) = 2(x − ½)² − ½ − x²/2.</remarks>
public readonly struct HardSigmoid : IProximalActivation
{
    /// <inheritdoc />
    public string Name => "hard-sigmoid";

    /// <inheritdoc />
    public float Lipschitz => 0.25f;

    /// <inheritdoc />
    public float Lower => 0f;

    /// <inheritdoc />
    public float Upper => 1f;

    /// <inheritdoc />
    public float PenaltyMinimum => -0.5f;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Phi<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        Domain.Clip<TW, TV>(TW.Fma(TW.Broadcast(0.25f), z, TW.Broadcast(0.5f)), 0f, 1f);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV centred = TW.Subtract(x, TW.Broadcast(0.5f));
        TV f = TW.Fma(TW.Multiply(TW.Broadcast(2f), centred), centred, TW.Broadcast(-0.5f));
        return Domain.Between<TW, TV>(x, 0f, 1f, f);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV linear = Domain.Clip<TW, TV>(z, -2f, 2f);
        TV inside = TW.Multiply(linear, TW.Fma(TW.Broadcast(0.125f), linear, TW.Broadcast(0.5f)));
        return TW.Add(inside, TW.Max(TW.Zero, TW.Subtract(z, TW.Broadcast(2f))));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        Domain.Inside<TW, TV>(x, 0f, 1f, 0.25f);
}
