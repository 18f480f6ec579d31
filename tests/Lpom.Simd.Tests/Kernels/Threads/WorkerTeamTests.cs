using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;

namespace Lpom.Simd.Tests.Kernels.Threads;

public sealed class WorkerTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Every_worker_runs_each_job_once(int size)
    {
        using WorkerTeam team = new(size);
        Assert.Equal(size, team.Size);
        CountJob job = new(new int[size]);
        for (int dispatch = 1; dispatch <= 100; dispatch++)
        {
            team.Run(ref job);
            Assert.All(job.Calls, calls => Assert.Equal(dispatch, calls));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Ten_thousand_dispatches_lose_none(int size)
    {
        using WorkerTeam team = new(size);
        CountJob job = new(new int[size]);
        for (int dispatch = 0; dispatch < 10_000; dispatch++) team.Run(ref job);
        Assert.All(job.Calls, calls => Assert.Equal(10_000, calls));
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
        DisposingJob job = new(team);
        team.Run(ref job);
        Assert.True(job.Refused);
    }

    [Fact]
    public void What_the_callers_part_writes_into_the_job_comes_back()
    {
        using WorkerTeam team = new(2);
        WritingJob job = default;
        team.Run(ref job);
        Assert.Equal(42, job.Written);
    }

    [Fact]
    public void A_workers_exception_reaches_the_caller_and_the_team_goes_on()
    {
        using WorkerTeam team = new(3);
        ThrowingJob worker = new(throwing: 2, everyone: false);
        AggregateException e = Assert.Throws<AggregateException>(() => Dispatch(team, worker));
        Assert.IsType<FormatException>(e.InnerException);
        ThrowingJob caller = new(throwing: 0, everyone: false);
        Assert.Throws<FormatException>(() => Dispatch(team, caller));
        CountJob job = new(new int[3]);
        team.Run(ref job);
        Assert.All(job.Calls, calls => Assert.Equal(1, calls));
    }

    [Fact]
    public void A_job_does_not_inherit_the_failure_of_the_one_before()
    {
        using WorkerTeam team = new(3);
        ThrowingJob all = new(throwing: 0, everyone: true);
        Assert.Throws<FormatException>(() => Dispatch(team, all));
        CountJob job = new(new int[3]);
        team.Run(ref job);
        Assert.All(job.Calls, calls => Assert.Equal(1, calls));
    }

    [Fact]
    public void A_second_caller_is_refused_while_a_job_runs()
    {
        using WorkerTeam team = new(2);
        using ManualResetEventSlim started = new(), release = new();
        Thread first = new(() =>
        {
            WaitingJob job = new(started, release);
            team.Run(ref job);
        });
        first.Start();
        started.Wait();
        CountJob second = new(new int[2]);
        Assert.Throws<InvalidOperationException>(() => Dispatch(team, second));
        release.Set();
        first.Join();
        team.Run(ref second);
        Assert.All(second.Calls, calls => Assert.Equal(1, calls));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_disposed_team_refuses_work_and_may_be_disposed_again(int size)
    {
        WorkerTeam team = new(size);
        team.Dispose();
        team.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Dispatch(team, new CountJob(new int[size])));
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
        Thread[] threads = new Thread[2];
        ThreadJob job = new(threads);
        team.Run(ref job);
        return threads[1];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunOnForgottenTeam()
    {
        CollectingJob job = default;
        new WorkerTeam(3).Run(ref job);
    }

    private static void Dispatch<TJob>(WorkerTeam team, TJob job)
        where TJob : struct, ITeamJob => team.Run(ref job);

    private readonly struct CountJob(int[] calls) : ITeamJob
    {
        public int[] Calls => calls;

        public void Run(int worker, int workers)
        {
            Assert.Equal(calls.Length, workers);
            Interlocked.Increment(ref calls[worker]);
        }
    }

    private struct WritingJob : ITeamJob
    {
        public int Written;

        public void Run(int worker, int workers)
        {
            if (worker == 0) Written = 42;
        }
    }

    private readonly struct ThrowingJob(int throwing, bool everyone) : ITeamJob
    {
        public void Run(int worker, int workers)
        {
            if (everyone || worker == throwing) throw new FormatException();
        }
    }

    private readonly struct WaitingJob(ManualResetEventSlim started, ManualResetEventSlim release) : ITeamJob
    {
        public void Run(int worker, int workers)
        {
            started.Set();
            release.Wait();
        }
    }

    private readonly struct ThreadJob(Thread[] threads) : ITeamJob
    {
        public void Run(int worker, int workers) => threads[worker] = Thread.CurrentThread;
    }

    private readonly struct CollectingJob : ITeamJob
    {
        public void Run(int worker, int workers)
        {
            if (worker != 0) return;
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private struct DisposingJob(WorkerTeam team) : ITeamJob
    {
        public bool Refused { get; private set; }

        public void Run(int worker, int workers)
        {
            if (worker == 0) Refused = Record.Exception(team.Dispose) is InvalidOperationException;
        }
    }
}
