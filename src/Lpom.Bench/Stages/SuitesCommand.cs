using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Lpom.Bench.Stages;

/// <summary>The command 'suites': BenchmarkDotNet on the suites of this assembly.</summary>
internal static class SuitesCommand
{
    // BenchmarkDotNet shortens parameters to 20 characters, and so the names of networks.
    private const int ParameterWidth = 24;

    /// <summary>Runs what BenchmarkDotNet's arguments choose; the exit code, 1 when a benchmark could not be built or failed.</summary>
    public static int Run(string[] args)
    {
        IConfig config = DefaultConfig.Instance.WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(ParameterWidth));
        IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(SuitesCommand).Assembly).Run(args, config);
        return summaries.Any(s => s.HasCriticalValidationErrors || s.Reports.Any(r => !r.Success)) ? 1 : 0;
    }
}
