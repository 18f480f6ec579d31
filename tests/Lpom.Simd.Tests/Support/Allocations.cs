using System.Diagnostics;

namespace Lpom.Simd.Tests.Support;

/// <summary>Counts managed bytes. Its tests run alone, as other tests' threads allocate too.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class Allocations
{
    public const string Collection = "Allocations";

    private const int WarmUps = 3, CallsInARow = 50, CallsPerTrial = 5;

    // The test host reports the results of the tests before for a while.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Asserts that a call allocates nothing once warm: not on this thread in a row of calls, and over all threads not in one trial of
    /// many, since the test host's own threads allocate at times.
    /// </summary>
    internal static void AssertNone(Action call)
    {
        for (int i = 0; i < WarmUps; i++) call();
        Assert.Equal(0, ThreadAllocations.Least(() => Repeat(call, CallsInARow)));
        long all = long.MaxValue, start = Stopwatch.GetTimestamp();
        while (all != 0 && Stopwatch.GetElapsedTime(start) < Patience)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Repeat(call, CallsPerTrial);
            all = Math.Min(all, GC.GetTotalAllocatedBytes(precise: true) - before);
            if (all != 0) Thread.Sleep(10);
        }
        Assert.Equal(0, all);
    }

    private static void Repeat(Action call, int times)
    {
        for (int i = 0; i < times; i++) call();
    }
}
