using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>A map split among workers: a dense block (one row) by columns, any other by rows.</summary>
internal readonly struct MapJob<TBody>(TBody body, int rows, int cols, SimdWidth width) : ITeamJob
    where TBody : struct, IMapBody<TBody>
{
    // Splits fall on whole vectors of every width, and on cache lines of a result that starts on one.
    private const int GrainElements = 4096;

    /// <summary>What is split: columns of a dense block, else rows.</summary>
    public int Total => rows == 1 ? cols : rows;

    /// <summary>The least that is worth handing out.</summary>
    public int Grain => rows == 1 ? GrainElements : Math.Max(1, GrainElements / cols);

    public void Run(int worker, int first, int end)
    {
        MapKernel<TBody> kernel = rows == 1
            ? new(body.Skip(0, first), 1, end - first)
            : new(body.Skip(first, 0), end - first, cols);
        SimdLevel.Run(width, ref kernel);
    }
}
