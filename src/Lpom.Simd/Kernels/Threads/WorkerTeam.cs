using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lpom.Simd.Kernels.Threads;

/// <summary>
/// Persistent worker threads for one caller, who works as worker 0. A dispatch allocates nothing; workers spin briefly after one, then
/// park, so that an idle team uses no processor time.
/// </summary>
/// <remarks>
/// Each worker has a share of the range, the same in every dispatch of one length, so that it meets in its own cache what it worked on
/// before. It takes it in parts, large ones first, and then takes from the ends of the others' shares: a worker that the system runs
/// slowly or late, on a busy machine or beside another thread of its core, is left with less. The caller waits for the workers that
/// took part alone. One thread at a time may call <see cref="Run{TJob}"/>; every trainer has a team of its own.
/// </remarks>
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

    /// <summary>Runs a job over 0 … <paramref name="total"/> − 1 and waits for its end. An exception of a worker is rethrown here.</summary>
    /// <param name="job">The work.</param>
    /// <param name="total">The range's length; nothing is run for 0.</param>
    /// <param name="grain">Parts start at multiples of it, from 1; none but the last is shorter.</param>
    /// <exception cref="ObjectDisposedException">The team has been disposed.</exception>
    /// <exception cref="InvalidOperationException">The team has several workers and is running a job already.</exception>
    public void Run<TJob>(in TJob job, int total, int grain)
        where TJob : struct, ITeamJob
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (total == 0) return;
        if (_crew is null || total <= grain) job.Run(0, 0, total);
        else _crew.Dispatch(job, total, grain);
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

    /// <summary>Runs a part of a job that is known by its address.</summary>
    internal static void Invoke<TJob>(void* job, int worker, int first, int end)
        where TJob : struct, ITeamJob => Unsafe.AsRef<TJob>(job).Run(worker, first, end);

    private sealed class Crew : IDisposable
    {
        // Long enough to bridge the serial gaps of a training step, short enough to be invisible in an idle process.
        private static readonly long SpinTicks = Stopwatch.Frequency / 1_000_000 * 1000;

        private const int SpinsPerYield = 32;

        private readonly Worker[] _workers;
        private readonly WorkerShare[] _shares;
        private readonly Thread[] _threads;
        private readonly int _size;
        private delegate*<void*, int, int, int, void> _invoke;
        private void* _job;
        private int _grain;
        private int _busy;
        private Exception? _failure;
        private volatile bool _stopping;
        private Signals _signals;

        public Crew(int size)
        {
            _size = size;
            _shares = new WorkerShare[size];
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

        public void Dispatch<TJob>(in TJob job, int total, int grain)
            where TJob : struct, ITeamJob
        {
            if (Interlocked.Exchange(ref _busy, 1) != 0) throw new InvalidOperationException("The worker team is running a job already.");
            // This frame outlives the dispatch.
            TJob local = job;
            _failure = null;
            _job = Unsafe.AsPointer(ref local);
            _invoke = &Invoke<TJob>;
            _grain = grain;
            Share(total, grain);
            Volatile.Write(ref _signals.Open, 1);
            Interlocked.Increment(ref _signals.Generation);
            foreach (Worker worker in _workers) worker.Wake();
            try
            {
                while (TryTake(0, out int first, out int end)) local.Run(0, first, end);
            }
            finally
            {
                Close();
                Volatile.Write(ref _busy, 0);
            }
            // A failure of a worker beside one of the caller's own part is lost with the job.
            if (_failure is { } thrown) throw new AggregateException(thrown);
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
            Interlocked.Increment(ref _signals.Generation);
            foreach (Worker worker in _workers) worker.Wake();
        }

        /// <summary>Waits for the threads of a stopped crew and frees their signals.</summary>
        public void Dispose()
        {
            foreach (Thread thread in _threads) thread.Join();
            foreach (Worker worker in _workers) worker.Dispose();
        }

        // Equal shares in whole grains.
        private void Share(int total, int grain)
        {
            long grains = ((long)total + grain - 1) / grain;
            for (int worker = 0, first = 0; worker < _size; worker++)
            {
                int end = (int)Math.Min(total, grains * (worker + 1) / _size * grain);
                Volatile.Write(ref _shares[worker].Left, Pack(first, end));
                first = end;
            }
        }

        private bool TryTake(int worker, out int first, out int end)
        {
            if (TryTakeFront(ref _shares[worker].Left, out first, out end)) return true;
            for (int i = worker + 1; i < worker + _size; i++)
            {
                if (TryTakeBack(ref _shares[i % _size].Left, out first, out end)) return true;
            }
            return false;
        }

        // Half of what is left, in whole grains.
        private bool TryTakeFront(ref long left, out int first, out int end)
        {
            for (long seen = Volatile.Read(ref left); ;)
            {
                (first, int all) = Unpack(seen);
                end = (int)Math.Min(all, first + (Half(first, all) * _grain));
                if (first >= all) return false;
                long found = Interlocked.CompareExchange(ref left, Pack(end, all), seen);
                if (found == seen) return true;
                seen = found;
            }
        }

        private bool TryTakeBack(ref long left, out int first, out int end)
        {
            for (long seen = Volatile.Read(ref left); ;)
            {
                (int start, end) = Unpack(seen);
                first = start;
                if (start >= end) return false;
                first = (int)(start + ((Grains(start, end) - Half(start, end)) * _grain));
                long found = Interlocked.CompareExchange(ref left, Pack(start, first), seen);
                if (found == seen) return true;
                seen = found;
            }
        }

        private long Half(int first, int end) => (Grains(first, end) + 1) / 2;

        private long Grains(int first, int end) => ((long)end - first + _grain - 1) / _grain;

        private static long Pack(int first, int end) => (uint)first | ((long)end << 32);

        private static (int First, int End) Unpack(long left) => ((int)left, (int)(left >> 32));

        // A worker joins before it looks whether the job is open, and the caller closes the job before it looks who has joined.
        private void Close()
        {
            foreach (ref WorkerShare share in _shares.AsSpan()) Volatile.Write(ref share.Left, 0);
            Interlocked.Exchange(ref _signals.Open, 0);
            SpinWait spin = default;
            while (Volatile.Read(ref _signals.Joined) != 0) spin.SpinOnce(sleep1Threshold: -1);
        }

        private void Serve(int index)
        {
            Worker worker = _workers[index];
            for (int seen = 0; ;)
            {
                seen = AwaitGeneration(worker, seen);
                if (_stopping) break;
                Interlocked.Increment(ref _signals.Joined);
                if (Volatile.Read(ref _signals.Open) != 0) TakeParts(index + 1);
                Interlocked.Decrement(ref _signals.Joined);
            }
        }

        private void TakeParts(int worker)
        {
            try
            {
                while (TryTake(worker, out int first, out int end)) _invoke(_job, worker, first, end);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _failure, e, null);
            }
        }

        private int AwaitGeneration(Worker worker, int seen)
        {
            long start = Stopwatch.GetTimestamp();
            int generation;
            for (int spins = 1; (generation = Volatile.Read(ref _signals.Generation)) == seen; spins++)
            {
                // The caller may wait for this very processor.
                if (spins % SpinsPerYield == 0) Thread.Yield();
                if (Stopwatch.GetTimestamp() - start < SpinTicks) Thread.SpinWait(8);
                else worker.Park(ref _signals.Generation, seen);
            }
            return generation;
        }

        // What a worker has left of its share: the first element, and the one after the last in the upper half.
        [StructLayout(LayoutKind.Explicit, Size = 128)]
        private struct WorkerShare
        {
            [FieldOffset(64)]
            public long Left;
        }

        // What threads watch and what they fight for, on cache lines of their own.
        [StructLayout(LayoutKind.Explicit, Size = 3 * 128)]
        private struct Signals
        {
            [FieldOffset(128)]
            public int Generation;

            [FieldOffset(132)]
            public int Open;

            [FieldOffset(256)]
            public int Joined;
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
