using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>(x, y) → a x + b y. b y is rounded; a x is fused with the sum where the processor has FMA.</summary>
public readonly struct AxpBy(float a, float b) : IBinaryOperator
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Fma(TW.Broadcast(a), x, TW.Multiply(TW.Broadcast(b), y));
}
