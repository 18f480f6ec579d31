using System.Diagnostics;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Threads;

/// <summary>What a team costs when it works and when it idles; alone, as both count the whole process.</summary>
[Collection(Allocations.Collection)]
public sealed class WorkerTeamCostTests
{
    // Milliseconds of processor time in 200.
    private const double MostIdle = 100;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_dispatch_allocates_nothing(int size)
    {
        using WorkerTeam team = new(size);
        Allocations.AssertNone(() => team.Run(default(NoWork), 8, 1));
    }

    [Fact]
    public void An_idle_team_uses_no_processor_time()
    {
        // The runtime's own threads compile for a while for the tests before.
        Assert.Contains(Enumerable.Range(0, 50), static _ => MillisecondsUsedIn(200) <= MostIdle);
        using WorkerTeam team = new(4);
        team.Run(default(NoWork), 8, 1);
        Thread.Sleep(20);
        // Three spinning workers would use up to 600 ms in each.
        Assert.Contains(Enumerable.Range(0, 5), static _ => MillisecondsUsedIn(200) <= MostIdle);
    }

    private static double MillisecondsUsedIn(int milliseconds)
    {
        using Process process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        Thread.Sleep(milliseconds);
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMilliseconds;
    }

    private readonly struct NoWork : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
        }
    }
}
