using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Lpom.Simd.Training.Distributed;

namespace Lpom.Simd.Tests.Support;

/// <summary>Ranks that are threads of this process, each with its own memory: what travels is copied through a common buffer.</summary>
internal sealed class ThreadRanks : IDisposable
{
    // As few as a communicator may take without waiting.
    private const int MostOnTheirWay = 4;

    private readonly Barrier _barrier;
    private readonly ConcurrentDictionary<int, byte[]> _common = new();
    private readonly ConcurrentDictionary<int, int[]> _starts = new();
    private readonly ConcurrentDictionary<(int From, int To), BlockingCollection<byte[]>> _sent = new();

    private ThreadRanks(int size) => _barrier = new Barrier(size);

    /// <summary>Runs the work of every rank, and gives their results.</summary>
    public static T[] Run<T>(int size, Func<ICommunicator, T> work)
    {
        using var ranks = new ThreadRanks(size);
        var results = new T[size];
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = work(new Communicator(ranks, rank, size));
            }
            catch (Exception e)
            {
                failure ??= e;
                ranks._barrier.RemoveParticipant();
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        return results;
    }

    public void Dispose() => _barrier.Dispose();

    private sealed class Communicator(ThreadRanks ranks, int rank, int size) : ICommunicator
    {
        public int Rank => rank;

        public int Size => size;

        public void AllGather(Span<float> all, ReadOnlySpan<int> starts)
        {
            Publish(MemoryMarshal.AsBytes(all[starts[rank]..starts[rank + 1]]));
            for (int other = 0; other < size; other++)
                ranks._common[other].CopyTo(MemoryMarshal.AsBytes(all[starts[other]..starts[other + 1]]));
            ranks._barrier.SignalAndWait();
        }

        public void AllToAll(ReadOnlySpan<float> outgoing, ReadOnlySpan<int> outgoingStarts, Span<float> incoming, ReadOnlySpan<int> incomingStarts)
        {
            ranks._starts[rank] = outgoingStarts.ToArray();
            Publish(MemoryMarshal.AsBytes(outgoing));
            for (int other = 0; other < size; other++)
            {
                int[] starts = ranks._starts[other];
                MemoryMarshal.Cast<byte, float>(ranks._common[other])[starts[rank]..starts[rank + 1]].CopyTo(incoming[incomingStarts[other]..incomingStarts[other + 1]]);
            }
            ranks._barrier.SignalAndWait();
        }

        public void Broadcast(Span<byte> bytes, int root)
        {
            Publish(bytes);
            ranks._common[root].CopyTo(bytes);
            ranks._barrier.SignalAndWait();
        }

        public void Max(Span<int> values)
        {
            Publish(MemoryMarshal.AsBytes(values));
            for (int i = 0; i < values.Length; i++)
                values[i] = Enumerable.Range(0, size).Max(other => BitConverter.ToInt32(ranks._common[other], i * sizeof(int)));
            ranks._barrier.SignalAndWait();
        }

        public void Send(ReadOnlySpan<byte> bytes, int to) => Sent(rank, to).Add(bytes.ToArray());

        public void Receive(Span<byte> bytes, int from)
        {
            Assert.True(Sent(from, rank).TryTake(out byte[]? sent, TimeSpan.FromSeconds(30)), $"rank {rank} waits for rank {from} in vain");
            Assert.Equal(bytes.Length, sent.Length);
            sent.CopyTo(bytes);
        }

        public void Progress()
        {
        }

        private BlockingCollection<byte[]> Sent(int from, int to) => ranks._sent.GetOrAdd((from, to), _ => new BlockingCollection<byte[]>(MostOnTheirWay));

        private void Publish(ReadOnlySpan<byte> bytes)
        {
            ranks._common[rank] = bytes.ToArray();
            ranks._barrier.SignalAndWait();
        }
    }
}
