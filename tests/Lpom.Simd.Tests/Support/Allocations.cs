using System.Diagnostics;

namespace Lpom.Simd.Tests.Support;

/// <summary>Counts managed bytes. Its tests run alone, as other tests' threads allocate too.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class Allocations
{
    public const string Collection = "Allocations";

    private const int WarmUps = 3, Trials = 10, CallsPerTrial = 5;

    // The test host reports the results of the tests before for a while.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Asserts that a call allocates nothing once warm: never on this thread, and over all threads not in one trial of many, since the
    /// test host's own threads allocate at times.
    /// </summary>
    internal static void AssertNone(Action call)
    {
        for (int i = 0; i < WarmUps; i++) call();
        long thread = 0, all = long.MaxValue, start = Stopwatch.GetTimestamp();
        for (int trial = 0; trial < Trials || (all != 0 && Stopwatch.GetElapsedTime(start) < Patience); trial++)
        {
            if (trial >= Trials) Thread.Sleep(10);
            long allBefore = GC.GetTotalAllocatedBytes(precise: true);
            long threadBefore = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < CallsPerTrial; i++) call();
            thread += GC.GetAllocatedBytesForCurrentThread() - threadBefore;
            all = Math.Min(all, GC.GetTotalAllocatedBytes(precise: true) - allBefore);
        }
        Assert.Equal(0, thread);
        Assert.Equal(0, all);
    }
}
