using System.Diagnostics;

namespace Lpom.Simd.Tests.Support;

/// <summary>Counts managed bytes. Its tests run alone, as other tests' threads allocate too.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class Allocations
{
    public const string Collection = "Allocations";

    private const int WarmUps = 3, Trials = 10, CallsPerTrial = 5, Rounds = 3;

    // The test host reports the results of the tests before for a while.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Asserts that a call allocates nothing once warm. On this thread: in none of a round's trials; a runtime that grows a table of its
    /// own meanwhile does so once, and has another round. Over all threads: not in one trial of many, as the test host's allocate too.
    /// </summary>
    internal static void AssertNone(Action call)
    {
        for (int i = 0; i < WarmUps; i++) call();
        long thread = long.MaxValue, all = long.MaxValue;
        for (int round = 0; round < Rounds && thread != 0; round++)
        {
            thread = 0;
            for (int trial = 0; trial < Trials; trial++)
            {
                (long ofThread, long ofAll) = Trial(call);
                thread += ofThread;
                all = Math.Min(all, ofAll);
            }
        }
        Assert.Equal(0, thread);
        long start = Stopwatch.GetTimestamp();
        while (all != 0 && Stopwatch.GetElapsedTime(start) < Patience)
        {
            Thread.Sleep(10);
            all = Math.Min(all, Trial(call).All);
        }
        Assert.Equal(0, all);
    }

    private static (long Thread, long All) Trial(Action call)
    {
        long all = GC.GetTotalAllocatedBytes(precise: true);
        long thread = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < CallsPerTrial; i++) call();
        thread = GC.GetAllocatedBytesForCurrentThread() - thread;
        return (thread, GC.GetTotalAllocatedBytes(precise: true) - all);
    }
}
