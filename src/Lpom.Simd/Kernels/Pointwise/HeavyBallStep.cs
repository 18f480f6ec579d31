using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>(v, w, g) → v⁺ = momentum · v + g and w⁺ = keep · w − rate · v⁺: stochastic gradient descent with momentum, in one pass over memory.</summary>
public readonly struct HeavyBallStep(float momentum, float rate, float keep) : ITernaryPairOperator
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y, TV z, out TV second)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV velocity = TW.Fma(TW.Broadcast(momentum), x, z);
        second = TW.Fma(TW.Broadcast(-rate), velocity, TW.Multiply(TW.Broadcast(keep), y));
        return velocity;
    }
}
