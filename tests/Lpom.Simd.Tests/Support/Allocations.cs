namespace Lpom.Simd.Tests.Support;

/// <summary>Counts managed bytes. Its tests run alone, as other tests' threads allocate too.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class Allocations
{
    public const string Collection = "Allocations";

    private const int WarmUps = 3, MinTrials = 10, MaxTrials = 100, CallsPerTrial = 5;

    /// <summary>
    /// Asserts that a call allocates nothing once warm: never on this thread, and over all threads not in one trial of many, since the
    /// test host's own threads allocate at times.
    /// </summary>
    internal static void AssertNone(Action call)
    {
        for (int i = 0; i < WarmUps; i++) call();
        long thread = 0, all = long.MaxValue;
        for (int trial = 0; trial < MinTrials || (trial < MaxTrials && all != 0); trial++)
        {
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
