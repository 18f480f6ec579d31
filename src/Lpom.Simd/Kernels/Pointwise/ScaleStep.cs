using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>(x, factor, offset) → x · factor + offset, held between −bound and bound; NaN stays NaN.</summary>
public readonly struct ScaleStep(float bound) : ITernaryOperator
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x, TV y, TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Max(TW.Broadcast(-bound), TW.Min(TW.Broadcast(bound), TW.Fma(x, y, z)));
}
