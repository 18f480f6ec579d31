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
    public override int Invoke(ParseResult parseResult)
    {
        Version version = Assembly.GetExecutingAssembly().GetName().Version!;
        string compiler = RuntimeFeature.IsDynamicCodeSupported ? "JIT" : $"AOT x86-64-v{(Vector512.IsHardwareAccelerated ? 4 : 3)}";
        parseResult.InvocationConfiguration.Output.WriteLine(
            $"lpom {version.ToString(3)} ({RuntimeInformation.FrameworkDescription}, {compiler}, SIMD {(int)SimdLevel.Current})");
        return ExitCodes.Done;
    }
}
