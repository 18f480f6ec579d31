using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>(v, w, g) → v⁺ = momentum · v + rate · g and w⁺ = keep · (w − v⁺): a step with momentum and decay, in one pass over memory.</summary>
public readonly struct MomentumStep(float momentum, float rate, float keep) : ITernaryPairOperator
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y, TV z, out TV second)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV velocity = TW.Fma(TW.Broadcast(rate), z, TW.Multiply(TW.Broadcast(momentum), x));
        second = TW.Multiply(TW.Broadcast(keep), TW.Subtract(y, velocity));
        return velocity;
    }
}
