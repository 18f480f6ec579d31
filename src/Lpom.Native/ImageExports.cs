using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Native;

/// <summary>What lpom.c calls before all else.</summary>
internal static unsafe class ImageExports
{
    // LPOM_ABI_VERSION of lpom.h.
    private const int AbiVersion = 1;

    /// <summary>Starts the runtime, and says where messages go.</summary>
    /// <param name="abiVersion">That of lpom.c: library and image may come from different versions.</param>
    /// <param name="error">Gives the calling thread's buffer for messages.</param>
    /// <param name="errorLength">Bytes of each.</param>
    [UnmanagedCallersOnly(EntryPoint = "lpom_image_start")]
    public static int Start(int abiVersion, delegate* unmanaged<byte*> error, int errorLength)
    {
        LastError.WriteTo(error, errorLength);
        return Border.Run(new StartCall(abiVersion));
    }

    private readonly struct StartCall(int abiVersion) : ICall
    {
        public Status Run()
        {
            if (abiVersion != AbiVersion)
                return LastError.Failed($"liblpom.so has version {abiVersion} of the functions, its image version {AbiVersion}: they are of different versions of lpom");
            string? width = Environment.GetEnvironmentVariable(SimdLevel.OverrideVariable);
            if (!string.IsNullOrEmpty(width) && !SimdLevel.TryParse(width, out _))
                return LastError.Failed($"{SimdLevel.OverrideVariable} is '{width}', expected 512, 256, 128 or 1");
            return Status.Ok;
        }
    }
}
