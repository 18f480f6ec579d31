using System.Diagnostics;
using Lpom.Simd.Training.Distributed;

namespace Lpom.Cli.Distributed;

/// <summary>The ranks of an MPI job, for the thread that opened it. Allocates nothing in a call.</summary>
internal sealed unsafe class MpiCommunicator : ICommunicator, IDisposable
{
    private const int MostBytes = 1 << 30, MostBytesOfFlags = 64;

    private readonly MpiLibrary _mpi;
    private readonly int[] _counts;
    private readonly int[] _incomingCounts;
    private readonly OutgoingMessages _flags, _down, _up;
    private long _waitingSince, _longestWait;

    private MpiCommunicator(MpiLibrary mpi, int rank, int size)
    {
        (_mpi, Rank, Size) = (mpi, rank, size);
        (_counts, _incomingCounts) = (new int[size], new int[size]);
        (_flags, _down, _up) = (new OutgoingMessages(mpi), new OutgoingMessages(mpi), new OutgoingMessages(mpi));
    }

    /// <inheritdoc />
    public int Rank { get; }

    /// <inheritdoc />
    public int Size { get; }

    /// <summary>How long the present call has waited for the other ranks; zero between calls. For any thread.</summary>
    public TimeSpan Waiting => Volatile.Read(ref _waitingSince) is not 0 and long since ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>The longest that a call has waited for the other ranks, since <see cref="ForgetWaits"/>. For any thread.</summary>
    public TimeSpan LongestWait => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _longestWait));

    /// <summary>Has <see cref="LongestWait"/> begin anew; for the thread that opened it.</summary>
    public void ForgetWaits() => Volatile.Write(ref _longestWait, 0);

    /// <summary>Joins the job that the launcher tells of.</summary>
    /// <exception cref="BadInputException">The library is not there, or is not the launcher's.</exception>
    public static MpiCommunicator Open(MpiJob job)
    {
        MpiLibrary mpi = MpiLibrary.Load(job);
        int rank = 0, size = 0;
        int error = mpi.Init(0, 0);
        if (error != 0)
            throw new BadInputException($"--distributed: {mpi.File} cannot join the job of {job.Launcher}: {mpi.TextOf(error)}");
        _ = mpi.SetErrorHandler(mpi.World, mpi.ErrorsReturn);
        _ = mpi.Rank(mpi.World, &rank);
        _ = mpi.Size(mpi.World, &size);
        if ((rank, size) == (job.Rank, job.Size))
            return new MpiCommunicator(mpi, rank, size);
        // Each would train by itself and report success.
        _ = mpi.Finish();
        throw new BadInputException($"--distributed: {job.Launcher} started {job.Size} processes, and {mpi.File} knows of {size}: they do not belong together; start it by the launcher of the library, or name the launcher's library in {MpiJob.LibraryVariable}");
    }

    /// <inheritdoc />
    public void AllGather(Span<float> all, ReadOnlySpan<int> starts)
    {
        Count(starts, _counts);
        Begin();
        int error;
        fixed (float* values = all)
        fixed (int* displacements = starts, counts = _counts)
            error = _mpi.AllGather(_mpi.InPlace, 0, _mpi.Float, values, counts, displacements, _mpi.Float, _mpi.World);
        End(error);
    }

    /// <inheritdoc />
    public void AllToAll(ReadOnlySpan<float> outgoing, ReadOnlySpan<int> outgoingStarts, Span<float> incoming, ReadOnlySpan<int> incomingStarts)
    {
        Count(outgoingStarts, _counts);
        Count(incomingStarts, _incomingCounts);
        Begin();
        int error;
        fixed (float* from = outgoing, to = incoming)
        fixed (int* fromStarts = outgoingStarts, fromCounts = _counts, toStarts = incomingStarts, toCounts = _incomingCounts)
            error = _mpi.AllToAll(from, fromCounts, fromStarts, _mpi.Float, to, toCounts, toStarts, _mpi.Float, _mpi.World);
        End(error);
    }

    /// <inheritdoc />
    public void Broadcast(Span<byte> bytes, int root)
    {
        for (int first = 0, count; first < bytes.Length; first += count)
        {
            count = Math.Min(MostBytes, bytes.Length - first);
            Begin();
            int error;
            fixed (byte* part = bytes.Slice(first, count))
                error = _mpi.Broadcast(part, count, _mpi.Byte, root, _mpi.World);
            End(error);
        }
    }

    /// <inheritdoc />
    public void Max(Span<int> values)
    {
        Begin();
        int error;
        fixed (int* all = values)
            error = _mpi.AllReduce(_mpi.InPlace, all, values.Length, _mpi.Int, _mpi.MaxOperation, _mpi.World);
        End(error);
    }

    /// <inheritdoc />
    public void Send(ReadOnlySpan<byte> bytes, int to)
    {
        for (int first = 0, count; first < bytes.Length; first += count)
        {
            count = Math.Min(MostBytes, bytes.Length - first);
            Begin();
            End(SlotsFor(count, to).Send(bytes.Slice(first, count), to));
        }
    }

    /// <inheritdoc />
    public void Receive(Span<byte> bytes, int from)
    {
        byte* status = stackalloc byte[MpiLibrary.MostStatusBytes];
        for (int first = 0, count; first < bytes.Length; first += count)
        {
            count = Math.Min(MostBytes, bytes.Length - first);
            Begin();
            int error, received = 0;
            fixed (byte* part = bytes.Slice(first, count))
                error = _mpi.Receive(part, count, _mpi.Byte, from, 0, _mpi.World, status);
            if (error == 0)
                error = _mpi.Count(status, _mpi.Byte, &received);
            End(error);
            if (received != count)
                throw new IOException($"rank {from} has sent {received} bytes where {count} were to come: the ranks do not do the same");
        }
    }

    /// <inheritdoc />
    public void Progress()
    {
        int error = _down.Progress();
        if (error == 0)
            error = _up.Progress();
        if (error != 0)
            End(error);
    }

    /// <summary>Ends all ranks at once, since this one cannot go on; does not return.</summary>
    public void Abort(int exitCode)
    {
        _ = _mpi.Abort(_mpi.World, exitCode);
        Environment.Exit(exitCode);
    }

    /// <summary>Leaves the job; every rank does.</summary>
    public void Dispose()
    {
        foreach (OutgoingMessages messages in (OutgoingMessages[])[_flags, _down, _up])
            _ = messages.WaitForAll();
        MeetAll();
        _ = _mpi.Finish();
    }

    // By kinds that have each one size in a step, so that all slots have grown after as few steps.
    private OutgoingMessages SlotsFor(int bytes, int to)
    {
        if (bytes <= MostBytesOfFlags)
            return _flags;
        return to < Rank ? _down : _up;
    }

    // MPICH over TCP may wait for ever in MPI_Finalize where a pair of ranks has never exchanged a message both ways.
    private void MeetAll()
    {
        int[] starts = [.. Enumerable.Range(0, Size + 1)];
        float[] values = new float[Size];
        try
        {
            AllToAll(values, starts, new float[Size], starts);
        }
        catch (IOException)
        {
            // What there is to say of a lost rank was said.
        }
    }

    private static void Count(ReadOnlySpan<int> starts, Span<int> counts)
    {
        for (int rank = 0; rank < counts.Length; rank++)
            counts[rank] = starts[rank + 1] - starts[rank];
    }

    private void Begin() => Volatile.Write(ref _waitingSince, Stopwatch.GetTimestamp());

    private void End(int error)
    {
        long waited = Stopwatch.GetTimestamp() - _waitingSince;
        if (waited > _longestWait)
            Volatile.Write(ref _longestWait, waited);
        Volatile.Write(ref _waitingSince, 0);
        if (error != 0)
            throw new IOException($"the ranks cannot reach each other: {_mpi.TextOf(error)}");
    }
}
