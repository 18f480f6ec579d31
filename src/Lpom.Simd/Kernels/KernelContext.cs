using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels;

/// <summary>
/// What every kernel runs with: the vector width, the worker team and scratch memory that grows to the largest request and stays.
/// One caller at a time; results do not depend on the team's size.
/// </summary>
public sealed unsafe class KernelContext : IDisposable
{
    private readonly AlignedBuffer?[] _scratch = new AlignedBuffer?[ScratchSlots];
    private bool _disposed;

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

    /// <summary>Scratch slots: a kernel that calls another uses a slot of its own.</summary>
    internal const int ScratchSlots = 8;

    /// <summary>The vector width of every kernel run with this context.</summary>
    public SimdWidth Width { get; }

    /// <summary>The workers.</summary>
    public WorkerTeam Team { get; }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Team.Dispose();
    }

    /// <summary>At least <paramref name="length"/> floats of aligned scratch, contents unspecified, valid until the slot's next request.</summary>
    internal float* Scratch(int slot, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        AlignedBuffer? buffer = _scratch[slot];
        if (buffer is null || buffer.Length < length) _scratch[slot] = buffer = new AlignedBuffer(length);
        return buffer.Pointer;
    }
}
