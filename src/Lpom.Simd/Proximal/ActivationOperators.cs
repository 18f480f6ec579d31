using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>φ(z): the forward pass.</summary>
public readonly struct Activate<TAct>(TAct activation) : IUnaryOperator
    where TAct : struct, IProximalActivation
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => activation.Phi<TW, TV>(x);
}

/// <summary>(z, x⁺) → φ(z) − x⁺: the residual of a layer, in the activation updates and the weight solve ([L19] eq. 22, algorithm 2).</summary>
public readonly struct Residual<TAct>(TAct activation) : IBinaryOperator
    where TAct : struct, IProximalActivation
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Subtract(activation.Phi<TW, TV>(x), y);
}

/// <summary>(x, z) → P(x, z) of <see cref="ProximalOperator.Penalty"/>, for sums over a layer ([L19] eq. 18).</summary>
public readonly struct Penalty<TAct>(TAct activation) : IBinaryOperator
    where TAct : struct, IProximalActivation
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => ProximalOperator.Penalty<TAct, TW, TV>(activation, x, y);
}

/// <summary>
/// (u, a, b) → u⁺ = (1 − θ)u + θ(a − r b) and φ(u⁺): the fixed-point iteration of [L19] eq. 22, averaged on the pre-activation.
/// </summary>
public readonly struct AveragedUpdate<TAct>(TAct activation, float theta, float ratio) : ITernaryPairOperator
    where TAct : struct, IProximalActivation
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y, TV z, out TV second)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV target = TW.Fma(TW.Broadcast(-ratio), z, y);
        TV next = TW.Fma(TW.Broadcast(theta), target, TW.Multiply(TW.Broadcast(1f - theta), x));
        second = activation.Phi<TW, TV>(next);
        return next;
    }
}

/// <summary>(a, x, l) → φ(a − s(x − l)): the output update of [L19] eq. 25 with ∂ℓ/∂X = x − l, s = 1/μₙ.</summary>
public readonly struct OutputStep<TAct>(TAct activation, float scale) : ITernaryOperator
    where TAct : struct, IProximalActivation
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y, TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        activation.Phi<TW, TV>(TW.Fma(TW.Broadcast(-scale), TW.Subtract(y, z), x));
}

/// <summary>(x, z, b) → x − φ(z − r b) with x = φ(z): how far one fixed-point step of [L19] eq. 22 moves from the feed-forward point.</summary>
public readonly struct DeviationStep<TAct>(TAct activation, float ratio) : ITernaryOperator
    where TAct : struct, IProximalActivation
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y, TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Subtract(x, activation.Phi<TW, TV>(TW.Fma(TW.Broadcast(-ratio), z, y)));
}

/// <summary>(x, z, e) → e φ′(z) with x = φ(z): an error on its way down, in the back-propagation that LPOM is compared with.</summary>
public readonly struct ErrorStep<TAct>(TAct activation) : ITernaryOperator
    where TAct : struct, IProximalActivation
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y, TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Multiply(z, activation.Derivative<TW, TV>(y, x));
}
