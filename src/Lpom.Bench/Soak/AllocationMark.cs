namespace Lpom.Bench.Soak;

/// <summary>What this thread had allocated before a call.</summary>
/// <remarks>A collection takes what is left of the thread's allocation room and counts it as allocated: calls that met one do not count.</remarks>
internal readonly struct AllocationMark
{
    private readonly int _collections = GC.CollectionCount(0);
    private readonly long _bytes = GC.GetAllocatedBytesForCurrentThread();

    public AllocationMark()
    {
    }

    /// <summary>Since then.</summary>
    public long Bytes
    {
        get
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread() - _bytes;
            return GC.CollectionCount(0) == _collections ? bytes : 0;
        }
    }
}
