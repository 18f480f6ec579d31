using System.Runtime.InteropServices;

namespace Lpom.Cli.Comparison.Paper;

/// <summary>What the processor calls itself.</summary>
internal static class ProcessorName
{
    private const string Source = "/proc/cpuinfo", Key = "model name";

    /// <summary>On Linux the kernel's name for it; elsewhere its architecture.</summary>
    public static string Current =>
        Lines().FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal)) is string line
            ? line[(line.IndexOf(':') + 1)..].Trim()
            : $"{RuntimeInformation.ProcessArchitecture}";

    private static IEnumerable<string> Lines() => File.Exists(Source) ? File.ReadLines(Source) : [];
}
