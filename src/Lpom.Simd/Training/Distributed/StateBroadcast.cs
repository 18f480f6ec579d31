using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training.Distributed;

/// <summary>Has a part of a trainer's state reach all ranks from the one that made it.</summary>
/// <param name="ranks">All ranks.</param>
internal sealed class StateBroadcast(ICommunicator ranks) : IStateVisitor
{
    /// <summary>The rank that made it.</summary>
    public int Root { get; set; }

    public void Visit(MatrixView matrix) => ranks.Broadcast(MemoryMarshal.AsBytes(matrix.Memory), Root);

    public void Visit(ref int value) => Broadcast(ref value);

    public void Visit(ref float value) => Broadcast(ref value);

    public void Visit(ref double value) => Broadcast(ref value);

    public void Visit(ref bool value) => Broadcast(ref value);

    private void Broadcast<T>(ref T value)
        where T : unmanaged => ranks.Broadcast(MemoryMarshal.AsBytes(new Span<T>(ref value)), Root);
}
