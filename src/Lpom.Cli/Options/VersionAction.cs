using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Cli.Options;

/// <summary>Prints version, runtime, level of the native image (eng/publish-aot.sh) and SIMD width.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <summary>The version of the program.</summary>
    public static string Number => Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    public override int Invoke(ParseResult parseResult)
    {
        string compiler = RuntimeFeature.IsDynamicCodeSupported ? "JIT" : $"AOT x86-64-v{(Vector512.IsHardwareAccelerated ? 4 : 3)}";
        parseResult.InvocationConfiguration.Output.WriteLine(
            $"lpom {Number} ({RuntimeInformation.FrameworkDescription}, {compiler}, SIMD {(int)SimdLevel.Current})");
        return ExitCodes.Done;
    }
}
