using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>A map split among workers: a dense block (one row) by columns, any other by rows.</summary>
internal readonly struct MapJob<TBody>(TBody body, int rows, int cols, SimdWidth width) : ITeamJob
    where TBody : struct, IMapBody<TBody>
{
    // Splits fall on whole vectors of every width, and on cache lines of a result that starts on one.
    private const int Grain = 64;

    public void Run(int worker, int workers)
    {
        bool byCols = rows == 1;
        (int start, int end) = byCols ? Partition.Range(cols, Grain, worker, workers) : Partition.Range(rows, 1, worker, workers);
        MapKernel<TBody> kernel = byCols
            ? new(body.Skip(0, start), 1, end - start)
            : new(body.Skip(start, 0), end - start, cols);
        SimdLevel.Run(width, ref kernel);
    }
}
