namespace Lpom.Simd.Kernels.Threads;

/// <summary>Work over a range that a <see cref="WorkerTeam"/> hands out in parts.</summary>
public interface ITeamJob
{
    /// <summary>
    /// Does the part [<paramref name="first"/>, <paramref name="end"/>) of the range. Called at the same time on several workers, any
    /// number of times on each; which worker does which part depends on timing, so a part's result must not. Must not dispatch to the
    /// same team.
    /// </summary>
    /// <param name="worker">0 … the team's size − 1, for memory of its own; 0 is the caller's own thread.</param>
    /// <param name="first">The part's start.</param>
    /// <param name="end">The part's end.</param>
    void Run(int worker, int first, int end);
}
