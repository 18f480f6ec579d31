using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>Questions about a mask as a whole.</summary>
internal static class Lanes
{
    /// <summary>Whether every lane of the mask is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllSet<TW, TV>(TV mask)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Sum(TW.And(mask, TW.Broadcast(1f))) == TW.Lanes;

    /// <summary>Whether a lane of the mask is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnySet<TW, TV>(TV mask)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Sum(TW.And(mask, TW.Broadcast(1f))) != 0f;
}
