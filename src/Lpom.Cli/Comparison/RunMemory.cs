using System.Runtime;
using Lpom.Cli.Training;

namespace Lpom.Cli.Comparison;

/// <summary>Makes the process's peak of memory that of one run.</summary>
internal static class RunMemory
{
    /// <summary>Gives back what the runs before have left, and lets the peak start from there.</summary>
    /// <returns>False where the peak stays that of the whole process.</returns>
    public static bool TryStart()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;

        // Between runs, never inside one: else the garbage of one method would count as the memory of the next.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return PeakMemory.TryReset();
    }
}
