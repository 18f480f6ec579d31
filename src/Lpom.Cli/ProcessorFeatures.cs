using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lpom.Cli;

/// <summary>What the processor can do and the system allows, as far as the choice of the native image depends on it.</summary>
/// <param name="HasV4">AVX-512 F, CD, BW, DQ and VL, and the system saves their registers: x86-64-v4.</param>
/// <param name="ImageIsV4">This image was compiled for x86-64-v4.</param>
/// <param name="IsNative">This is a native image, not a program for the JIT.</param>
internal readonly record struct ProcessorFeatures(bool HasV4, bool ImageIsV4, bool IsNative)
{
    // CPUID leaf 7, EBX.
    private const uint V4Bits = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;

    public static ProcessorFeatures Current
    {
        get
        {
            bool isNative = !System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported;
            bool imageIsV4 = Vector512.IsHardwareAccelerated;
            return new ProcessorFeatures(isNative && !imageIsV4 && ReadV4(), imageIsV4, isNative);
        }
    }

    /// <summary>
    /// Asks the C library (glibc 2.33 and later), which joins CPUID with the registers that the system enabled (XCR0). CPUID
    /// alone does not tell the latter, and no managed call does. False where the library has no such function.
    /// </summary>
    private static unsafe bool ReadV4()
    {
        const uint leaf7 = 1;
        const int activeEbx = 5; // struct cpuid_feature { unsigned cpuid_array[4], active_array[4]; }, EAX to EDX
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return false;
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "__x86_get_cpuid_feature_leaf", out nint function))
            return false;
        uint* leaf = ((delegate* unmanaged<uint, uint*>)function)(leaf7);
        return leaf is not null && (leaf[activeEbx] & V4Bits) == V4Bits;
    }
}
