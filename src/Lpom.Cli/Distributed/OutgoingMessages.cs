namespace Lpom.Cli.Distributed;

/// <summary>
/// Messages on their way: copies, so that the sender goes on at once. As many as there are slots; the oldest must have arrived before
/// another takes its place.
/// </summary>
internal sealed unsafe class OutgoingMessages(MpiLibrary mpi)
{
    private const int Slots = 4;

    // They never move. Each grows to the largest message that it had.
    private readonly byte[][] _copies = [.. Enumerable.Repeat(Array.Empty<byte>(), Slots)];
    private readonly nint[] _requests = GC.AllocateArray<nint>(Slots, pinned: true);
    private readonly bool[] _isPending = new bool[Slots];
    private int _next;

    /// <summary>Sends a copy.</summary>
    /// <returns>MPI's error code; 0 for none.</returns>
    public int Send(ReadOnlySpan<byte> bytes, int to)
    {
        int slot = _next;
        _next = (slot + 1) % Slots;
        int error = Wait(slot);
        if (error != 0)
            return error;
        if (_copies[slot].Length < bytes.Length)
            _copies[slot] = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_copies[slot]);
        fixed (byte* copy = _copies[slot])
        fixed (nint* request = &_requests[slot])
            error = mpi.SendLater(copy, bytes.Length, mpi.Byte, to, 0, mpi.World, request);
        _isPending[slot] = error == 0;
        return error;
    }

    /// <summary>Lets those that are on their way get on.</summary>
    /// <returns>MPI's error code; 0 for none.</returns>
    public int Progress()
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            if (!_isPending[slot])
                continue;
            int isDone = 0, error;
            fixed (nint* request = &_requests[slot])
                error = mpi.Test(request, &isDone, mpi.IgnoredStatus);
            if (error != 0)
                return error;
            _isPending[slot] = isDone == 0;
        }

        return 0;
    }

    /// <summary>Waits until all have arrived.</summary>
    /// <returns>MPI's error code; 0 for none.</returns>
    public int WaitForAll()
    {
        int error = 0;
        for (int slot = 0; slot < Slots && error == 0; slot++)
            error = Wait(slot);
        return error;
    }

    private int Wait(int slot)
    {
        if (!_isPending[slot])
            return 0;
        _isPending[slot] = false;
        fixed (nint* request = &_requests[slot])
            return mpi.Wait(request, mpi.IgnoredStatus);
    }
}
