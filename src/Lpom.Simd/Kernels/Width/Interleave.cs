using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Lpom.Simd.Kernels.Width;

/// <summary>
/// Interleaves two vectors, the step of a transposition: per 128-bit half, Low (a₀ b₀ a₁ b₁) and High (a₂ b₂ a₃ b₃). The BCL has no
/// two-operand shuffle over all platforms, and a select of one-operand shuffles takes four times as long.
/// </summary>
internal static class Interleave
{
    /// <summary>(a₀ b₀ a₁ b₁).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Low(Vector128<float> a, Vector128<float> b)
    {
        if (Sse.IsSupported) return Sse.UnpackLow(a, b);
        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);
    }

    /// <summary>(a₂ b₂ a₃ b₃).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> High(Vector128<float> a, Vector128<float> b)
    {
        if (Sse.IsSupported) return Sse.UnpackHigh(a, b);
        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
    }

    /// <summary>(a₀ a₁ b₀ b₁): pairs of floats, interleaved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LowPairs(Vector128<float> a, Vector128<float> b)
    {
        if (Sse2.IsSupported) return Sse2.UnpackLow(a.AsDouble(), b.AsDouble()).AsSingle();
        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.ZipLow(a.AsDouble(), b.AsDouble()).AsSingle()
            : Vector128.Create(a[0], a[1], b[0], b[1]);
    }

    /// <summary>(a₂ a₃ b₂ b₃).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> HighPairs(Vector128<float> a, Vector128<float> b)
    {
        if (Sse2.IsSupported) return Sse2.UnpackHigh(a.AsDouble(), b.AsDouble()).AsSingle();
        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.ZipHigh(a.AsDouble(), b.AsDouble()).AsSingle()
            : Vector128.Create(a[2], a[3], b[2], b[3]);
    }

    /// <summary>Low of both halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Low(Vector256<float> a, Vector256<float> b) => Avx.IsSupported
        ? Avx.UnpackLow(a, b)
        : Vector256.Create(Low(a.GetLower(), b.GetLower()), Low(a.GetUpper(), b.GetUpper()));

    /// <summary>High of both halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> High(Vector256<float> a, Vector256<float> b) => Avx.IsSupported
        ? Avx.UnpackHigh(a, b)
        : Vector256.Create(High(a.GetLower(), b.GetLower()), High(a.GetUpper(), b.GetUpper()));

    /// <summary>LowPairs of both halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LowPairs(Vector256<float> a, Vector256<float> b) => Avx.IsSupported
        ? Avx.UnpackLow(a.AsDouble(), b.AsDouble()).AsSingle()
        : Vector256.Create(LowPairs(a.GetLower(), b.GetLower()), LowPairs(a.GetUpper(), b.GetUpper()));

    /// <summary>HighPairs of both halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> HighPairs(Vector256<float> a, Vector256<float> b) => Avx.IsSupported
        ? Avx.UnpackHigh(a.AsDouble(), b.AsDouble()).AsSingle()
        : Vector256.Create(HighPairs(a.GetLower(), b.GetLower()), HighPairs(a.GetUpper(), b.GetUpper()));
}
