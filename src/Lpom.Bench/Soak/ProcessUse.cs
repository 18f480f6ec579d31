using System.Diagnostics;

namespace Lpom.Bench.Soak;

/// <summary>What the process holds.</summary>
/// <param name="ManagedBytes">After a collection.</param>
/// <param name="ResidentBytes">Of memory.</param>
/// <param name="Handles">Open files and sockets; 0 where the system does not say.</param>
/// <param name="Threads">Of the system.</param>
internal readonly record struct ProcessUse(long ManagedBytes, long ResidentBytes, int Handles, int Threads)
{
    private const int Samples = 20;

    private const string HandleFolder = "/proc/self/fd";

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    /// <summary>The least of some samples: workers hold more at times.</summary>
    public static ProcessUse Measure()
    {
        ProcessUse least = Sample();
        for (int i = 1; i < Samples; i++)
        {
            Thread.Sleep(Between);
            ProcessUse next = Sample();
            least = new ProcessUse(
                Math.Min(least.ManagedBytes, next.ManagedBytes),
                Math.Min(least.ResidentBytes, next.ResidentBytes),
                Math.Min(least.Handles, next.Handles),
                Math.Min(least.Threads, next.Threads));
        }

        return least;
    }

    private static ProcessUse Sample()
    {
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        int handles = Directory.Exists(HandleFolder) ? Directory.GetFileSystemEntries(HandleFolder).Length : 0;
        return new ProcessUse(GC.GetTotalMemory(forceFullCollection: true), process.WorkingSet64, handles, process.Threads.Count);
    }
}
