using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>F's domain, the closed range of φ: +∞ outside, and the clip onto it. A NaN stays a NaN.</summary>
internal static class Domain
{
    /// <summary><paramref name="f"/> where x ≥ lower, else +∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV AtLeast<TW, TV>(TV x, float lower, TV f)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Select(TW.LessThan(x, TW.Broadcast(lower)), TW.Broadcast(float.PositiveInfinity), f);

    /// <summary><paramref name="f"/> where lower ≤ x ≤ upper, else +∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Between<TW, TV>(TV x, float lower, float upper, TV f)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Select(TW.LessThan(TW.Broadcast(upper), x), TW.Broadcast(float.PositiveInfinity), AtLeast<TW, TV>(x, lower, f));

    /// <summary>The nearest point of [lower, upper].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Clip<TW, TV>(TV x, float lower, float upper)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Max(TW.Broadcast(lower), TW.Min(TW.Broadcast(upper), x));

    /// <summary><paramref name="value"/> where lower &lt; x &lt; upper, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Inside<TW, TV>(TV x, float lower, float upper, float value)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.And(TW.And(TW.LessThan(TW.Broadcast(lower), x), TW.LessThan(x, TW.Broadcast(upper))), TW.Broadcast(value));
}
