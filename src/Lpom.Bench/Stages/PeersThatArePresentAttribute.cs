using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Filters;
using Lpom.Bench.Ratios;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Bench.Stages;

/// <summary>Leaves out a suite's benchmarks of OpenBLAS where the library is not installed.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PeersThatArePresentAttribute : Attribute, IConfigSource
{
    /// <summary>How the names of OpenBLAS's benchmarks end.</summary>
    public const string OpenBlasSuffix = "OpenBlas";

    /// <inheritdoc />
    public IConfig Config { get; } = ManualConfig.CreateEmpty().AddFilter(new SimpleFilter(benchmark =>
        !benchmark.Descriptor.WorkloadMethod.Name.EndsWith(OpenBlasSuffix) || OpenBlas.TryLoad(1, SimdLevel.Current) is not null));
}
