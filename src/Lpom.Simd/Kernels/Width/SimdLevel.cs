using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lpom.Simd.Kernels.Width;

/// <summary>Chooses the vector width once, and holds the only switch over widths.</summary>
public static class SimdLevel
{
    /// <summary>The environment variable that overrides the hardware's width: 512, 256, 128 or 1.</summary>
    public const string OverrideVariable = "LPOM_SIMD";

    /// <summary>The widest vector that the hardware runs at full speed.</summary>
    public static SimdWidth Hardware { get; } =
        Vector512.IsHardwareAccelerated ? SimdWidth.Bits512
        : Vector256.IsHardwareAccelerated ? SimdWidth.Bits256
        : Vector128.IsHardwareAccelerated ? SimdWidth.Bits128
        : SimdWidth.Scalar;

    /// <summary>
    /// The width in use: <see cref="OverrideVariable"/> when it names one, else <see cref="Hardware"/>. A width above the hardware's
    /// gives correct results, slowly; a native image compiled for less than AVX-512 has none above 256, and takes that. An override that
    /// names no width is ignored here; <see cref="TryParse"/> finds it out.
    /// </summary>
    public static SimdWidth Current { get; } =
        !TryParse(Environment.GetEnvironmentVariable(OverrideVariable), out SimdWidth width) ? Hardware
        : width == SimdWidth.Bits512 && !HasBits512 ? SimdWidth.Bits256
        : width;

    // A constant of a native image, whose emulated kernels of 512 bits would be a fifth of it.
    private static bool HasBits512 => Vector512.IsHardwareAccelerated || RuntimeFeature.IsDynamicCodeSupported;

    /// <summary>Reads 512, 256, 128 or 1. False, and <see cref="Hardware"/>, for anything else.</summary>
    public static bool TryParse(string? text, out SimdWidth width)
    {
        (bool known, width) = text switch
        {
            "512" => (true, SimdWidth.Bits512),
            "256" => (true, SimdWidth.Bits256),
            "128" => (true, SimdWidth.Bits128),
            "1" => (true, SimdWidth.Scalar),
            _ => (false, Hardware),
        };
        return known;
    }

    /// <summary>Runs a kernel's body at a width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Run<TKernel>(SimdWidth width, scoped ref TKernel kernel)
        where TKernel : struct, IKernel, allows ref struct
    {
        switch (width)
        {
            case SimdWidth.Bits512 when HasBits512: kernel.Run<Width512, Vector512<float>>(); break;
            case SimdWidth.Bits512 or SimdWidth.Bits256: kernel.Run<Width256, Vector256<float>>(); break;
            case SimdWidth.Bits128: kernel.Run<Width128, Vector128<float>>(); break;
            default: kernel.Run<WidthScalar, float>(); break;
        }
    }
}
