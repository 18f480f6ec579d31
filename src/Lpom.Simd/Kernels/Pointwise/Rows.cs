using System.Runtime.CompilerServices;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>A matrix's rows by address: where the current one starts, and the stride in floats. The memory is pinned by the caller.</summary>
internal readonly unsafe struct Rows(float* start, nint stride)
{
    public float* Start
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => start;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Rows Skip(nint rows, nint cols) => new(start + (rows * stride) + cols, stride);
}
