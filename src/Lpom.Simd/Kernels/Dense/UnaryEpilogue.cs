using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>C ← op(A·B): an activation fused into the product.</summary>
internal readonly struct UnaryEpilogue<TOp>(TOp op) : IGemmEpilogue
    where TOp : struct, IUnaryOperator
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV value, int column)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => op.Apply<TW, TV>(value);
}
