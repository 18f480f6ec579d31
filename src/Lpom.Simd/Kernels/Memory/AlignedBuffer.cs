using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lpom.Simd.Kernels.Memory;

/// <summary>
/// Zeroed floats, aligned to a cache line, that never move: a pinned array. Spans and references into it keep it alive; a raw pointer
/// does not.
/// </summary>
public sealed unsafe class AlignedBuffer
{
    /// <summary>Bytes of a cache line and of the widest vector.</summary>
    public const int Alignment = 64;

    /// <summary>The most floats of one buffer: what the runtime allows an array.</summary>
    public const int MaxLength = 0x7FFFFFC7 - Slack - Gap;

    /// <summary>
    /// Floats between memory of different threads, 16 KiB: what a processor fetches ahead of one thread's reads past their end is not
    /// what another writes meanwhile, which would go back and forth between their caches.
    /// </summary>
    internal const int Gap = 4096;

    private const int Slack = (Alignment / sizeof(float)) - 1;

    private readonly float[] _array;
    private readonly int _start;

    /// <summary>Allocates <paramref name="length"/> zeros.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or too large for one array.</exception>
    /// <exception cref="OutOfMemoryException">The system has no such block.</exception>
    public AlignedBuffer(int length)
        : this(length, isCleared: true)
    {
    }

    private AlignedBuffer(int length, bool isCleared)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        // The next buffer may be another thread's. Small ones do not repay a gap.
        int room = length + Slack + (length < Gap ? 0 : Gap);
        _array = isCleared ? GC.AllocateArray<float>(room, pinned: true) : GC.AllocateUninitializedArray<float>(room, pinned: true);
        nuint misaligned = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array)) % Alignment;
        _start = misaligned == 0 ? 0 : (int)((Alignment - misaligned) / sizeof(float));
        Length = length;
    }

    /// <summary>The same with any content, for what is written over.</summary>
    internal static AlignedBuffer Uncleared(int length) => new(length, isCleared: false);

    /// <summary>Floats.</summary>
    public int Length { get; }

    /// <summary>The memory.</summary>
    public Span<float> Span => _array.AsSpan(_start, Length);

    /// <summary>The first float's address; the buffer must be kept alive while it is used.</summary>
    internal float* Pointer => (float*)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_array), _start));
}
