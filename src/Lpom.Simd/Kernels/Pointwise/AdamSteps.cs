using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>(m, v, g) → m⁺ = β₁m + (1 − β₁)g and v⁺ = β₂v + (1 − β₂)g²: the moments of Adam (Kingma and Ba, 2015).</summary>
public readonly struct AdamMoments(float beta1, float beta2) : ITernaryPairOperator
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y, TV z, out TV second)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        second = TW.Fma(TW.Broadcast(beta2), y, TW.Multiply(TW.Multiply(TW.Broadcast(1 - beta2), z), z));
        return TW.Fma(TW.Broadcast(beta1), x, TW.Multiply(TW.Broadcast(1 - beta1), z));
    }
}

/// <summary>(w, m, v) → keep · w − rate · m / (√v + ε): the step of Adam, whose bias corrections are in the rate and ε.</summary>
public readonly struct AdamStep(float rate, float epsilon, float keep) : ITernaryOperator
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y, TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV change = TW.Divide(y, TW.Add(TW.Sqrt(z), TW.Broadcast(epsilon)));
        return TW.Fma(TW.Broadcast(-rate), change, TW.Multiply(TW.Broadcast(keep), x));
    }
}
