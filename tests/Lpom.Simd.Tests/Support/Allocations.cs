namespace Lpom.Simd.Tests.Support;

/// <summary>Counts managed bytes. Its tests run alone, as other tests' threads allocate too.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class Allocations
{
    public const string Collection = "Allocations";

    private const int WarmUps = 3, MaxTrials = 100, CallsPerTrial = 5;

    /// <summary>
    /// Asserts that a call allocates nothing, on this thread and over all threads, once warm. One clean trial of many is
    /// enough: the test host's threads allocate at times, a call that does so shows in every trial.
    /// </summary>
    internal static void AssertNone(Action call)
    {
        for (int i = 0; i < WarmUps; i++) call();
        long thread = long.MaxValue, all = long.MaxValue;
        for (int trial = 0; trial < MaxTrials && (thread != 0 || all != 0); trial++)
        {
            long allBefore = GC.GetTotalAllocatedBytes(precise: true);
            long threadBefore = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < CallsPerTrial; i++) call();
            thread = Math.Min(thread, GC.GetAllocatedBytesForCurrentThread() - threadBefore);
            all = Math.Min(all, GC.GetTotalAllocatedBytes(precise: true) - allBefore);
        }
        Assert.Equal(0, thread);
        Assert.Equal(0, all);
    }
}
