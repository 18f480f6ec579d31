using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Lpom.Simd.Kernels.Threads;

/// <summary>
/// Persistent worker threads for one caller. A dispatch allocates nothing; workers spin briefly after one, then park, so that an idle
/// team uses no processor time. The caller works as worker 0.
/// </summary>
/// <remarks>One thread at a time may call <see cref="Run{TJob}"/>; every trainer has a team of its own.</remarks>
public sealed unsafe class WorkerTeam : IDisposable
{
    /// <summary>The most workers of a team.</summary>
    public const int MaxSize = 1024;

    // The threads hold the crew, not the team, so that a team nobody disposed can be collected and send its crew home.
    private readonly Crew? _crew;
    private bool _disposed;

    /// <summary>Starts a team.</summary>
    /// <param name="size">Workers including the caller; 0 for one per processor.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative or above 1024.</exception>
    public WorkerTeam(int size = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaxSize);
        Size = size == 0 ? Environment.ProcessorCount : size;
        if (Size > 1) _crew = new Crew(Size);
    }

    /// <summary>Sends home the crew of a team that nobody disposed.</summary>
    ~WorkerTeam() => _crew?.Stop();

    /// <summary>Workers including the caller.</summary>
    public int Size { get; }

    /// <summary>Runs a job on all workers and waits for the last. An exception of a worker is rethrown here.</summary>
    /// <exception cref="ObjectDisposedException">The team has been disposed.</exception>
    /// <exception cref="InvalidOperationException">The team has several workers and is running a job already.</exception>
    public void Run<TJob>(scoped ref TJob job)
        where TJob : struct, ITeamJob
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_crew is null) job.Run(0, 1);
        else _crew.Dispatch(ref job);
        // The finalizer sends the crew home, which must not happen to a team whose last use is this call while it waits.
        GC.KeepAlive(this);
    }

    /// <summary>Ends the threads.</summary>
    /// <exception cref="InvalidOperationException">The team is running a job.</exception>
    public void Dispose()
    {
        if (_disposed) return;
        if (_crew is not null && !_crew.TryRetire()) throw new InvalidOperationException("The worker team is running a job.");
        _disposed = true;
        _crew?.Dispose();
        GC.SuppressFinalize(this);
    }

    private sealed class Crew : IDisposable
    {
        // Long enough to bridge the serial gaps of a training step, short enough to be invisible in an idle process.
        private static readonly long SpinTicks = Stopwatch.Frequency / 1_000_000 * 50;

        private readonly Worker[] _workers;
        private readonly Thread[] _threads;
        private readonly int _size;
        private delegate*<void*, int, int, void> _invoke;
        private void* _job;
        private int _generation;
        private int _pending;
        private int _busy;
        private Exception? _failure;
        private volatile bool _stopping;

        public Crew(int size)
        {
            _size = size;
            _workers = new Worker[size - 1];
            for (int i = 0; i < _workers.Length; i++) _workers[i] = new Worker();
            _threads = new Thread[_workers.Length];
            for (int i = 0; i < _threads.Length; i++)
            {
                int worker = i;
                _threads[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"lpom worker {i + 1}" };
                _threads[i].Start();
            }
        }

        public void Dispatch<TJob>(scoped ref TJob job)
            where TJob : struct, ITeamJob
        {
            if (Interlocked.Exchange(ref _busy, 1) != 0) throw new InvalidOperationException("The worker team is running a job already.");
            // The job is a local or a field of the caller; it is copied to this frame, which outlives the dispatch.
            TJob local = job;
            // A failure beside one of the caller's own part, which was thrown instead, belongs to the job before.
            _failure = null;
            _job = Unsafe.AsPointer(ref local);
            _invoke = &Invoke<TJob>;
            Volatile.Write(ref _pending, _workers.Length);
            Interlocked.Increment(ref _generation);
            foreach (Worker worker in _workers) worker.Wake();
            try
            {
                local.Run(0, _size);
            }
            finally
            {
                Await();
                job = local;
                Volatile.Write(ref _busy, 0);
            }
            if (Interlocked.Exchange(ref _failure, null) is { } thrown) throw new AggregateException(thrown);
        }

        /// <summary>Stops a crew for good, unless it is at work.</summary>
        public bool TryRetire()
        {
            if (Interlocked.Exchange(ref _busy, 1) != 0) return false;
            Stop();
            return true;
        }

        public void Stop()
        {
            _stopping = true;
            Interlocked.Increment(ref _generation);
            foreach (Worker worker in _workers) worker.Wake();
        }

        /// <summary>Waits for the threads of a stopped crew and frees their signals.</summary>
        public void Dispose()
        {
            foreach (Thread thread in _threads) thread.Join();
            foreach (Worker worker in _workers) worker.Dispose();
        }

        private static void Invoke<TJob>(void* job, int worker, int workers)
            where TJob : struct, ITeamJob => Unsafe.AsRef<TJob>(job).Run(worker, workers);

        private void Await()
        {
            SpinWait spin = default;
            while (Volatile.Read(ref _pending) != 0) spin.SpinOnce(sleep1Threshold: -1);
        }

        private void Serve(int index)
        {
            Worker worker = _workers[index];
            for (int seen = 0; ;)
            {
                seen = AwaitGeneration(worker, seen);
                if (_stopping) break;
                try
                {
                    _invoke(_job, index + 1, _size);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref _failure, e, null);
                }
                Interlocked.Decrement(ref _pending);
            }
        }

        private int AwaitGeneration(Worker worker, int seen)
        {
            long start = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref _generation) == seen)
            {
                if (Stopwatch.GetTimestamp() - start < SpinTicks) Thread.SpinWait(8);
                else worker.Park(ref _generation, seen);
            }
            // One dispatch ends before the next begins, so a worker never misses a generation.
            return unchecked(seen + 1);
        }
    }

    private sealed class Worker : IDisposable
    {
        private readonly AutoResetEvent _signal = new(false);
        private int _parked;

        public void Park(ref int generation, int seen)
        {
            Interlocked.Exchange(ref _parked, 1);
            if (Volatile.Read(ref generation) == seen) _signal.WaitOne();
            Interlocked.Exchange(ref _parked, 0);
        }

        public void Wake()
        {
            if (Interlocked.Exchange(ref _parked, 0) == 1) _signal.Set();
        }

        public void Dispose() => _signal.Dispose();
    }
}
