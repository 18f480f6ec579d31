using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Cli.Options;

/// <summary>Prints version, runtime and SIMD width.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        Version version = Assembly.GetExecutingAssembly().GetName().Version!;
        string compiler = RuntimeFeature.IsDynamicCodeSupported ? "JIT" : "AOT";
        parseResult.InvocationConfiguration.Output.WriteLine(
            $"lpom {version.ToString(3)} ({RuntimeInformation.FrameworkDescription}, {compiler}, SIMD {(int)SimdLevel.Current})");
        return ExitCodes.Done;
    }
}
