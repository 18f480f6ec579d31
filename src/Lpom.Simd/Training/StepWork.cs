using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Threads;

namespace Lpom.Simd.Training;

/// <summary>
/// Shares the work of a step among the workers: in products, each split by the kernel that computes it; or in rows of the batch and in
/// layers, each done whole by one worker with a context of its own. What is shared is told whole, so that results do not depend on it.
/// </summary>
internal sealed class StepWork : IDisposable
{
    // Fewer rows than this would leave the registers of a product's tiles empty.
    private const int LeastRows = 8;

    private readonly KernelContext _team;
    private readonly KernelContext[] _workers;

    /// <param name="team">What the kernels of the trainer run with.</param>
    /// <param name="parallelism">How it is shared.</param>
    public StepWork(KernelContext team, Parallelism parallelism)
    {
        _team = team;
        int size = team.Team.Size;
        _workers = parallelism == Parallelism.Rows && size > 1 ? [.. Enumerable.Range(0, size).Select(_ => new KernelContext(1, team.Width))] : [];
    }

    /// <summary>Workers that do whole parts; 0 when products are split.</summary>
    public int Workers => _workers.Length;

    /// <summary>Does rows of a batch, in one part or in several at once.</summary>
    /// <param name="work">Of some rows; kept by the caller, so that nothing is allocated.</param>
    /// <param name="rows">Those to do; none are no work.</param>
    public void ForRows(Action<KernelContext, RowRange> work, RowRange rows)
    {
        if (rows.Count == 0) return;
        int part = Math.Max(LeastRows, (rows.Count + Math.Max(1, Workers) - 1) / Math.Max(1, Workers));
        if (Workers == 0 || part >= rows.Count)
        {
            work(_team, rows);
            return;
        }
        // A part is never smaller but for the last, so that a worker's scratch is the same in every step.
        _team.Team.Run(new RowsJob(_workers, work, rows.First), rows.Count, part);
        KernelContext.ShareReserves(_workers);
    }

    /// <summary>Does layers, each by one worker.</summary>
    /// <param name="work">Of a layer, for a worker from 0.</param>
    /// <param name="layers">Their numbers.</param>
    public void ForLayers(Action<KernelContext, int, int> work, int[] layers)
    {
        _team.Team.Run(new LayersJob(_workers, work, layers), layers.Length, grain: 1);
        KernelContext.ShareReserves(_workers);
    }

    public void Dispose()
    {
        foreach (KernelContext worker in _workers) worker.Dispose();
    }

    private readonly struct RowsJob(KernelContext[] workers, Action<KernelContext, RowRange> work, int start) : ITeamJob
    {
        public void Run(int worker, int first, int end) => work(workers[worker], new RowRange(start + first, end - first));
    }

    private readonly struct LayersJob(KernelContext[] workers, Action<KernelContext, int, int> work, int[] layers) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            for (int i = first; i < end; i++) work(workers[worker], worker, layers[i]);
        }
    }
}
