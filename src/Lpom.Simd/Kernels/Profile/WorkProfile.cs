using System.Diagnostics;
using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;

namespace Lpom.Simd.Kernels.Profile;

/// <summary>
/// What a context's workers spend their time on, in ticks of <see cref="Stopwatch"/>, and the flops of its products. Counting allocates
/// nothing and takes two readings of the clock per part of a job; results keep their bits.
/// </summary>
/// <remarks>Read and cleared by the context's caller, between kernels.</remarks>
internal sealed unsafe class WorkProfile
{
    // A worker's counters, by kind of work and then these, on cache lines of its own; none share the array's head.
    private const int Packing = 3, Waiting = 4, Stride = 16;

    private readonly long[] _ticks;
    private readonly int _workers;

    /// <summary>Counters at zero.</summary>
    /// <param name="workers">The team's size.</param>
    public WorkProfile(int workers)
    {
        _workers = workers;
        _ticks = new long[(workers + 1) * Stride];
    }

    /// <summary>
    /// Floating-point operations of the products since <see cref="Clear"/>: 2·m·n·k each, but n·n·k for a Gram matrix, of which half is
    /// computed. Those in factorizations and solves count, substitution does not.
    /// </summary>
    public long Flops { get; private set; }

    /// <summary>GFLOP/s of one worker while it is at products: their flops over all workers' time in them. NaN without products.</summary>
    public double ProductGflops => Flops / (Sum((int)WorkKind.Product) / (double)Stopwatch.Frequency) / 1e9;

    /// <summary>Sets every counter to zero.</summary>
    public void Clear()
    {
        Array.Clear(_ticks);
        Flops = 0;
    }

    /// <summary>The shares of the time since <see cref="Clear"/>.</summary>
    /// <param name="wallTicks">The ticks since then; positive.</param>
    public WorkShares Shares(long wallTicks)
    {
        double total = (double)wallTicks * _workers;
        long waiting = Sum(Waiting);
        for (int worker = 1; worker < _workers; worker++) waiting += wallTicks - Busy(worker);
        return new WorkShares(
            Sum((int)WorkKind.Product) / total, Sum(Packing) / total, Sum((int)WorkKind.Elementwise) / total, waiting / total);
    }

    /// <summary>Adds a product's flops.</summary>
    public void AddFlops(long flops) => Flops += flops;

    /// <summary>Adds the time since <paramref name="start"/>, a timestamp, in which a worker packed operands within a product's job.</summary>
    public void AddPacking(int worker, long start) => Add(Packing, worker, Stopwatch.GetTimestamp() - start);

    /// <summary>Runs a job on the team and counts each worker's parts, and the caller's time without one.</summary>
    /// <inheritdoc cref="WorkerTeam.Run{TJob}" path="/param | /exception" />
    public void Run<TJob>(WorkerTeam team, WorkKind kind, in TJob job, int total, int grain)
        where TJob : struct, ITeamJob
    {
        // This frame outlives the dispatch.
        TJob local = job;
        TimedJob timed = new(this, kind, Unsafe.AsPointer(ref local), &WorkerTeam.Invoke<TJob>);
        long start = Stopwatch.GetTimestamp(), busy = Busy(0);
        team.Run(timed, total, grain);
        // A job in one piece makes nobody wait.
        if (_workers > 1 && total > grain) Add(Waiting, 0, Stopwatch.GetTimestamp() - start - (Busy(0) - busy));
    }

    private void Add(int counter, int worker, long ticks) => _ticks[((worker + 1) * Stride) + counter] += ticks;

    private long Busy(int worker)
    {
        ReadOnlySpan<long> ticks = _ticks.AsSpan((worker + 1) * Stride, Stride);
        return ticks[(int)WorkKind.Product] + ticks[(int)WorkKind.Elementwise] + ticks[(int)WorkKind.Substitution];
    }

    private long Sum(int counter)
    {
        long sum = 0;
        for (int worker = 0; worker < _workers; worker++) sum += _ticks[((worker + 1) * Stride) + counter];
        return sum;
    }

    /// <summary>Any job, timed part by part. It knows the job by its address, so that there is one of it to compile and not one per job.</summary>
    private readonly struct TimedJob(WorkProfile profile, WorkKind kind, void* job, delegate*<void*, int, int, int, void> run) : ITeamJob
    {
        /// <inheritdoc />
        public void Run(int worker, int first, int end)
        {
            long start = Stopwatch.GetTimestamp();
            run(job, worker, first, end);
            profile.Add((int)kind, worker, Stopwatch.GetTimestamp() - start);
        }
    }
}
