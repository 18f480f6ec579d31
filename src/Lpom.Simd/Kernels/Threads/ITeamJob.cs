namespace Lpom.Simd.Kernels.Threads;

/// <summary>Work that a <see cref="WorkerTeam"/> splits among its workers.</summary>
public interface ITeamJob
{
    /// <summary>Does this worker's part. Called once per worker, at the same time on all; must not dispatch to the same team.</summary>
    /// <param name="worker">0 … <paramref name="workers"/> − 1; 0 is the caller's own thread.</param>
    /// <param name="workers">The team's size.</param>
    void Run(int worker, int workers);
}
