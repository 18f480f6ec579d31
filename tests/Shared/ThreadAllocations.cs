namespace Lpom.Tests;

/// <summary>Counts the managed bytes of one thread.</summary>
internal static class ThreadAllocations
{
    private const int Attempts = 3;

    /// <summary>
    /// Bytes that this thread allocates in a call, the least of a few calls: the runtime charges its own tables, of a method's literals
    /// and a type's statics, to the thread that happens to compile it.
    /// </summary>
    internal static long Least(Action call)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Attempts && least != 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            call();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
