using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// φ(z) = z. F(x) = x²/2, F*(z) = z²/2.
/// </summary>
/// <remarks>z = argminₓ ½(x − z)²: f = 0.</remarks>
public readonly struct Identity : IProximalActivation
{
    /// <inheritdoc />
    public string Name => "identity";

    /// <inheritdoc />
    public float Lipschitz => 1f;

    /// <inheritdoc />
    public float Lower => float.NegativeInfinity;

    /// <inheritdoc />
    public float Upper => float.PositiveInfinity;

    /// <inheritdoc />
    public float PenaltyMinimum => 0f;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Phi<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => z;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(x, x));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Multiply(TW.Broadcast(0.5f), TW.Multiply(z, z));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Broadcast(1f);
}
