using System.Runtime.CompilerServices;

namespace Lpom.Simd.Kernels.Threads;

/// <summary>A fixed split of a range among workers: it depends on the sizes alone, never on timing.</summary>
public static class Partition
{
    /// <summary>
    /// The part [start, end) of 0 … <paramref name="total"/> − 1 that belongs to a worker. Parts follow each other, and all but the
    /// last end on a multiple of <paramref name="grain"/>; a part may be empty.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int Start, int End) Range(int total, int grain, int worker, int workers)
    {
        long grains = ((long)total + grain - 1) / grain;
        long start = grains * worker / workers * grain;
        long end = grains * (worker + 1) / workers * grain;
        return ((int)Math.Min(start, total), (int)Math.Min(end, total));
    }
}
