using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Threads;

namespace Lpom.Simd.Tests.Kernels.Threads;

public sealed class WorkerTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Every_element_of_the_range_is_in_one_part(int size)
    {
        using WorkerTeam team = new(size);
        Assert.Equal(size, team.Size);
        foreach (int total in (int[])[0, 1, 2, 7, 64, 1000])
        {
            foreach (int grain in (int[])[1, 3, 64, 2000])
            {
                CountJob job = new(new int[total], size, grain);
                team.Run(job, total, grain);
                Assert.All(job.Calls, calls => Assert.Equal(1, calls));
            }
        }
    }

    [Fact]
    public void All_workers_take_part_in_long_work()
    {
        using WorkerTeam team = new(3);
        using Barrier all = new(3);
        team.Run(new MeetingJob(all), 3, 1);
        Assert.Equal(1, all.CurrentPhaseNumber);
    }

    [Fact]
    public void A_stuck_worker_leaves_the_other_parts_to_the_caller()
    {
        using WorkerTeam team = new(2);
        using ManualResetEventSlim release = new();
        // The worker is kept in its first part; the caller finishes all others.
        int[] done = new int[1];
        Thread caller = new(() => team.Run(new StuckJob(release, done), 100, 1));
        caller.Start();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref done[0]) >= 50, TimeSpan.FromSeconds(30)));
        release.Set();
        caller.Join();
        Assert.Equal(100, done[0]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Ten_thousand_dispatches_lose_no_part(int size)
    {
        using WorkerTeam team = new(size);
        CountJob job = new(new int[20], size, 1);
        for (int dispatch = 0; dispatch < 10_000; dispatch++) team.Run(job, 20, 1);
        Assert.All(job.Calls, calls => Assert.Equal(10_000, calls));
    }

    // 100,000 dispatches in all, each by a team of a random size while others are at work, with more threads than processors.
    [Fact]
    public void Teams_beside_each_other_lose_no_part_and_hang_nowhere()
    {
        const int Dispatches = 25_000;
        long[] sums = new long[4], expected = new long[4];
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(caller => new Thread(() =>
        {
            WorkerTeam[] teams = [new(1), new(2), new(3), new(4)];
            System.Random random = new(caller);
            for (int dispatch = 0; dispatch < Dispatches; dispatch++)
            {
                int total = random.Next(1, 60);
                teams[random.Next(teams.Length)].Run(new SumJob(sums, caller), total, random.Next(1, 8));
                expected[caller] += (long)total * (total - 1) / 2;
            }
            foreach (WorkerTeam team in teams) team.Dispose();
        }))];
        foreach (Thread thread in callers) thread.Start();
        foreach (Thread thread in callers) thread.Join();
        Assert.Equal(expected, sums);
    }

    [Fact]
    public void Products_of_teams_beside_each_other_have_the_bits_of_one_thread()
    {
        const int Products = 150, MaxSize = 90;
        int[] wrong = new int[3];
        Thread[] callers = [.. Enumerable.Range(0, wrong.Length).Select(caller => new Thread(() =>
        {
            KernelContext[] contexts = [new(1), new(2), new(3), new(4)];
            System.Random random = new(caller);
            float[] a = [.. Enumerable.Range(0, 4 * MaxSize * 4 * MaxSize).Select(_ => random.NextSingle() - 0.5f)];
            float[] alone = new float[MaxSize * MaxSize * 4], together = new float[alone.Length];
            for (int product = 0; product < Products; product++)
            {
                // Large enough for the team.
                (int m, int n, int k) = (random.Next(48, MaxSize), random.Next(96, 4 * MaxSize), random.Next(240, 4 * MaxSize));
                ReadOnlyMatrixView left = new(a, m, k), right = new(a, n, k);
                Gemm.Multiply(contexts[0], GemmForm.NT, left, right, new MatrixView(alone, m, n));
                Gemm.Multiply(contexts[random.Next(1, 4)], GemmForm.NT, left, right, new MatrixView(together, m, n));
                if (!alone.AsSpan(0, m * n).SequenceEqual(together.AsSpan(0, m * n))) wrong[caller]++;
            }
            foreach (KernelContext context in contexts) context.Dispose();
        }))];
        foreach (Thread thread in callers) thread.Start();
        foreach (Thread thread in callers) thread.Join();
        Assert.All(wrong, count => Assert.Equal(0, count));
    }

    [Fact]
    public void Zero_means_one_worker_per_processor()
    {
        using WorkerTeam team = new();
        Assert.Equal(Environment.ProcessorCount, team.Size);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1025)]
    public void An_absurd_size_is_refused(int size) => Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerTeam(size));

    [Fact]
    public void A_team_at_work_is_not_disposed()
    {
        using WorkerTeam team = new(2);
        bool[] refused = new bool[1];
        team.Run(new DisposingJob(team, refused), 2, 1);
        Assert.True(refused[0]);
    }

    [Fact]
    public void A_workers_exception_reaches_the_caller_and_the_team_goes_on()
    {
        using WorkerTeam team = new(3);
        using Barrier all = new(3);
        AggregateException e = Assert.Throws<AggregateException>(() => team.Run(new ThrowingJob(throwing: 2, all), 3, 1));
        Assert.IsType<FormatException>(e.InnerException);
        Assert.Throws<FormatException>(() => team.Run(new ThrowingJob(throwing: 0, all), 3, 1));
        AssertWorks(team);
    }

    [Fact]
    public void A_job_does_not_inherit_the_failure_of_the_one_before()
    {
        using WorkerTeam team = new(3);
        using Barrier all = new(3);
        Assert.Throws<FormatException>(() => team.Run(new ThrowingJob(throwing: -1, all), 3, 1));
        AssertWorks(team);
    }

    [Fact]
    public void A_second_caller_is_refused_while_a_job_runs()
    {
        using WorkerTeam team = new(2);
        using ManualResetEventSlim started = new(), release = new();
        Thread first = new(() =>
        {
            team.Run(new WaitingJob(started, release), 2, 1);
        });
        first.Start();
        started.Wait();
        Assert.Throws<InvalidOperationException>(() => team.Run(default(NoWork), 2, 1));
        release.Set();
        first.Join();
        AssertWorks(team);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_disposed_team_refuses_work_and_may_be_disposed_again(int size)
    {
        WorkerTeam team = new(size);
        team.Dispose();
        team.Dispose();
        Assert.Throws<ObjectDisposedException>(() => team.Run(default(NoWork), size, 1));
    }

    [Fact]
    public void A_forgotten_team_sends_its_threads_home()
    {
        Thread worker = ForgetTeam();
        for (int i = 0; i < 100 && worker.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            worker.Join(20);
        }
        Assert.False(worker.IsAlive);
    }

    [Fact]
    public void A_job_on_a_team_that_nothing_else_holds_ends()
    {
        for (int i = 0; i < 3; i++) RunOnForgottenTeam();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Thread ForgetTeam()
    {
        WorkerTeam team = new(2);
        using Barrier all = new(2);
        Thread[] threads = new Thread[2];
        team.Run(new ThreadJob(threads, all), 2, 1);
        return threads[1];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunOnForgottenTeam()
    {
        new WorkerTeam(3).Run(default(CollectingJob), 3, 1);
    }

    private static void AssertWorks(WorkerTeam team)
    {
        CountJob job = new(new int[50], team.Size, 1);
        team.Run(job, 50, 1);
        Assert.All(job.Calls, calls => Assert.Equal(1, calls));
    }

    private readonly struct CountJob(int[] calls, int size, int grain) : ITeamJob
    {
        public int[] Calls => calls;

        public void Run(int worker, int first, int end)
        {
            Assert.InRange(worker, 0, size - 1);
            Assert.Equal(0, first % grain);
            Assert.True(end - first >= grain || end == calls.Length);
            for (int i = first; i < end; i++) Interlocked.Increment(ref calls[i]);
        }
    }

    private readonly struct SumJob(long[] sums, int index) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            long sum = 0;
            for (int i = first; i < end; i++) sum += i;
            Interlocked.Add(ref sums[index], sum);
        }
    }

    private readonly struct MeetingJob(Barrier all) : ITeamJob
    {
        public void Run(int worker, int first, int end) => all.SignalAndWait();
    }

    private readonly struct StuckJob(ManualResetEventSlim release, int[] done) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            if (worker != 0) release.Wait();
            Interlocked.Add(ref done[0], end - first);
        }
    }

    private readonly struct NoWork : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
        }
    }

    // All workers meet before one throws, or all do.
    private readonly struct ThrowingJob(int throwing, Barrier all) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            all.SignalAndWait();
            if (throwing < 0 || worker == throwing) throw new FormatException();
        }
    }

    private readonly struct WaitingJob(ManualResetEventSlim started, ManualResetEventSlim release) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            started.Set();
            release.Wait();
        }
    }

    private readonly struct ThreadJob(Thread[] threads, Barrier all) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            all.SignalAndWait();
            threads[worker] = Thread.CurrentThread;
        }
    }

    private readonly struct CollectingJob : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            if (worker != 0) return;
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private readonly struct DisposingJob(WorkerTeam team, bool[] refused) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            if (Record.Exception(team.Dispose) is InvalidOperationException) refused[0] = true;
        }
    }
}
