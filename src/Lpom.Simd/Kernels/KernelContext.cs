using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels;

/// <summary>
/// What every kernel runs with: the vector width, the worker team and scratch memory that grows to the largest request and stays.
/// One caller at a time; results do not depend on the team's size.
/// </summary>
public sealed unsafe class KernelContext : IDisposable
{
    private readonly AlignedBuffer?[] _scratch = new AlignedBuffer?[ScratchSlot.Count];
    private bool _disposed;

    /// <summary>One for any number of threads at once: a team of the caller alone, and kernels that use no scratch.</summary>
    internal static KernelContext Serial { get; } = new(1);

    /// <summary>Starts a team and takes the width of <see cref="SimdLevel.Current"/>.</summary>
    /// <param name="threads">Workers including the caller; 0 for one per processor.</param>
    /// <exception cref="ArgumentOutOfRangeException">Negative threads.</exception>
    public KernelContext(int threads = 0)
        : this(threads, SimdLevel.Current)
    {
    }

    internal KernelContext(int threads, SimdWidth width)
    {
        Team = new WorkerTeam(threads);
        Width = width;
    }

    /// <summary>The vector width of every kernel run with this context.</summary>
    public SimdWidth Width { get; }

    /// <summary>The workers.</summary>
    public WorkerTeam Team { get; }

    /// <summary>What the kernels' time is counted in; null, as a context starts, to count nothing.</summary>
    internal WorkProfile? Profile { get; private set; }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Team.Dispose();
    }

    /// <summary>Counts the kernels' time from now on, in a profile of this context's own.</summary>
    internal WorkProfile AttachProfile() => Profile = new WorkProfile(Team.Size);

    /// <summary>Runs a kernel's job on the team: the way of all kernels to it.</summary>
    /// <param name="kind">What a profile counts it as.</param>
    /// <param name="job">The work.</param>
    /// <param name="total">The range's length.</param>
    /// <param name="grain">The least part; <paramref name="total"/> for a job that is not worth waking the team.</param>
    internal void Run<TJob>(WorkKind kind, in TJob job, int total, int grain)
        where TJob : struct, ITeamJob
    {
        if (Profile is null) Team.Run(job, total, grain);
        else Profile.Run(Team, kind, job, total, grain);
    }

    /// <summary>
    /// Gives every context as much scratch as the one that has most: what one of them has done, any of them does without allocating.
    /// </summary>
    internal static void ShareReserves(ReadOnlySpan<KernelContext> contexts)
    {
        for (int slot = 0; slot < ScratchSlot.Count; slot++)
        {
            int most = 0;
            foreach (KernelContext context in contexts) most = Math.Max(most, context._scratch[slot]?.Length ?? 0);
            foreach (KernelContext context in contexts)
            {
                if (most > 0) _ = context.Scratch(slot, most);
            }
        }
    }

    /// <summary>At least <paramref name="length"/> floats of aligned scratch, contents unspecified, valid until the next request for the <see cref="ScratchSlot"/>.</summary>
    internal float* Scratch(int slot, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        AlignedBuffer? buffer = _scratch[slot];
        if (buffer is null || buffer.Length < length) _scratch[slot] = buffer = new AlignedBuffer(length);
        return buffer.Pointer;
    }
}
