using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// φ(z) = max(z, 0). F(x) = x²/2 on x ≥ 0, F*(z) = max(z, 0)²/2.
/// </summary>
/// <remarks>max(z, 0) = argmin over x ≥ 0 of ½(x − z)²: f = 0 on x ≥ 0, a projection.</remarks>
public readonly struct Relu : IProximalActivation
{
    /// <inheritdoc />
    public string Name => "relu";

    /// <inheritdoc />
    public float Lipschitz => 1f;

    /// <inheritdoc />
    public float Lower => 0f;

    /// <inheritdoc />
    public float Upper => float.PositiveInfinity;

    /// <inheritdoc />
    public float PenaltyMinimum => 0f;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Phi<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Max(TW.Zero, z);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        Domain.AtLeast<TW, TV>(x, 0f, TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(x, x)));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV x = TW.Max(TW.Zero, z);
        return TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(x, x));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.And(TW.LessThan(TW.Zero, z), TW.Broadcast(1f));
}
