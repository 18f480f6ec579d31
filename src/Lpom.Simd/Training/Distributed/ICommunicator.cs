namespace Lpom.Simd.Training.Distributed;

/// <summary>
/// The processes that train one network together, such as those of an MPI job. Every rank makes the same calls, in the same order and of
/// the same sizes, but for those between two ranks; a call returns when this rank's memory may be used again. For one thread at a time.
/// </summary>
/// <remarks>Implementations allocate nothing in a call, throw <see cref="IOException"/> when a rank cannot be reached, and may block for as long as the others take.</remarks>
public interface ICommunicator
{
    /// <summary>This process's number, from 0.</summary>
    int Rank { get; }

    /// <summary>The number of processes, from 1.</summary>
    int Size { get; }

    /// <summary>Has every rank's part of a buffer reach all ranks.</summary>
    /// <param name="all">The buffer; rank r's part of it is set on rank r.</param>
    /// <param name="starts">[Size + 1]: rank r's part begins at starts[r] and ends before starts[r + 1]; never falling.</param>
    void AllGather(Span<float> all, ReadOnlySpan<int> starts);

    /// <summary>Has a part of this rank's buffer reach each rank.</summary>
    /// <param name="outgoing">What is for rank r begins at outgoingStarts[r] and ends before outgoingStarts[r + 1].</param>
    /// <param name="outgoingStarts">[Size + 1], never falling.</param>
    /// <param name="incoming">What rank r sends begins at incomingStarts[r] and ends before incomingStarts[r + 1].</param>
    /// <param name="incomingStarts">[Size + 1], never falling.</param>
    void AllToAll(ReadOnlySpan<float> outgoing, ReadOnlySpan<int> outgoingStarts, Span<float> incoming, ReadOnlySpan<int> incomingStarts);

    /// <summary>Has bytes of one rank reach all.</summary>
    /// <param name="bytes">Set on the root.</param>
    /// <param name="root">The rank.</param>
    void Broadcast(Span<byte> bytes, int root);

    /// <summary>The largest value of all ranks, element by element.</summary>
    void Max(Span<int> values);

    /// <summary>Sends bytes to another rank, without waiting for it to receive them; where four or more to it are on their way, it may.</summary>
    /// <param name="bytes">What to send.</param>
    /// <param name="to">The rank.</param>
    void Send(ReadOnlySpan<byte> bytes, int to);

    /// <summary>Waits for what another rank sends: in the order in which it sends, and of the same sizes.</summary>
    /// <param name="bytes">Where to.</param>
    /// <param name="from">The rank.</param>
    void Receive(Span<byte> bytes, int from);

    /// <summary>Lets what was sent get on, without waiting: some libraries move it only while they are called.</summary>
    void Progress();
}
