using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Tests.Support;

/// <summary>The vector widths, all of which run on every machine, with or without the instructions.</summary>
internal static class Widths
{
    public static readonly SimdWidth[] List = [SimdWidth.Scalar, SimdWidth.Bits128, SimdWidth.Bits256, SimdWidth.Bits512];

    public static TheoryData<SimdWidth> All => [.. List];
}
