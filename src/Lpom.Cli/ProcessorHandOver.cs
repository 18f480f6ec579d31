using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Cli;

/// <summary>
/// A native image has one instruction set. So the product is two images, and the one for x86-64-v3 (AVX2), started as
/// <c>lpom</c>, becomes its sibling <c>lpom-v4</c> (AVX-512) where the processor allows: same process, arguments and
/// environment.
/// </summary>
internal static partial class ProcessorHandOver
{
    /// <summary>Name of the image for AVX-512, beside the running one.</summary>
    public const string Sibling = "lpom-v4";

    /// <summary>Set across the hand-over, so that there is never a second one.</summary>
    public const string GuardVariable = "LPOM_HANDED_OVER";

    /// <summary>Becomes the sibling image, or returns when that is not called for or the system refuses.</summary>
    public static void Run()
    {
        ProcessorFeatures features = ProcessorFeatures.Current;
        if (features.HasV4 && Target(features, Environment.ProcessPath, File.Exists, Environment.GetEnvironmentVariable) is string target)
            Become(target);
    }

    /// <summary>The image to become, or null to stay.</summary>
    /// <param name="features">Of the processor and this image.</param>
    /// <param name="self">Path of this image; null when unknown.</param>
    /// <param name="exists">Whether there is a file.</param>
    /// <param name="variable">The environment.</param>
    public static string? Target(ProcessorFeatures features, string? self, Func<string, bool> exists, Func<string, string?> variable)
    {
        if (!features.IsNative || features.ImageIsV4 || !features.HasV4)
            return null;
        if (Path.GetDirectoryName(self) is not string folder || !string.IsNullOrEmpty(variable(GuardVariable)))
            return null;
        if (SimdLevel.TryParse(variable(SimdLevel.OverrideVariable), out SimdWidth width) && width < SimdWidth.Bits512)
            return null;
        string target = Path.Combine(folder, Sibling);
        return exists(target) ? target : null;
    }

    private static unsafe void Become(string target)
    {
        byte[] arguments;
        try
        {
            // The kernel's own copy: bytes, so that arguments that are no text survive.
            arguments = File.ReadAllBytes("/proc/self/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }

        if (arguments is not [.., 0] || SetVariable(GuardVariable, "1", 1) != 0)
            return;
        fixed (byte* text = arguments)
        {
            nint[] pointers = new nint[arguments.AsSpan().Count((byte)0) + 1];
            int argument = 0;
            for (int start = 0; start < arguments.Length; start += arguments.AsSpan(start).IndexOf((byte)0) + 1)
                pointers[argument++] = (nint)(text + start);
            fixed (nint* vector = pointers)
                _ = Execute(target, vector);
        }

        _ = UnsetVariable(GuardVariable);
    }

    [LibraryImport("libc", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Execute(string path, nint* arguments);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetVariable(string name);
}
