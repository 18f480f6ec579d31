using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli.Latency;

/// <summary>What predicts for which samples.</summary>
/// <param name="Network">As drawn or loaded.</param>
/// <param name="Samples">[some × inputs].</param>
/// <param name="Data">What they are of; null for random ones.</param>
internal sealed record LatencySubject(Network Network, Matrix Samples, string? Data);
