using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Proximal;

namespace Lpom.Examples;

/// <summary>
/// Soft shrinkage, which makes activations sparse: φ(z) = z − λ above λ, z + λ below −λ, 0 between. F(x) = x²/2 + λ|x|;
/// F*(z) = ½ max(|z| − λ, 0)².
/// </summary>
/// <remarks>φ(z) = argminₓ λ|x| + ½(x − z)²: the proximal operator of the 1-norm.</remarks>
internal readonly struct SoftShrink : IProximalActivation
{
    // <example facts>
    private const float Threshold = 0.1f;

    /// <summary>λ is part of the name: a model file must not lose it.</summary>
    public string Name => "soft-shrink-0.1";

    public float Lipschitz => 1f;

    public float Lower => float.NegativeInfinity;

    public float Upper => float.PositiveInfinity;

    public float PenaltyMinimum => 0f;
    // </example>

    // <example phi>
    // A NaN must stay one: the bounds come first in Min and Max.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Phi<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Subtract(z, TW.Max(TW.Broadcast(-Threshold), TW.Min(TW.Broadcast(Threshold), z)));
    // </example>

    // <example penalty>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Fma(TW.Multiply(TW.Broadcast(0.5f), x), x, TW.Multiply(TW.Broadcast(Threshold), TW.Abs(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV x = Phi<TW, TV>(z);
        return TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(x, x));
    }
    // </example>

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.And(TW.LessThan(TW.Broadcast(Threshold), TW.Abs(z)), TW.Broadcast(1f));
}
