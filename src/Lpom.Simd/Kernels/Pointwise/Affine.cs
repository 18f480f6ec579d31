using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>x → a x + b, fused where the processor has FMA.</summary>
public readonly struct Affine(float a, float b) : IUnaryOperator
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Fma(TW.Broadcast(a), x, TW.Broadcast(b));
}
