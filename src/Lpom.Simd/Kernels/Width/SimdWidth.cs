namespace Lpom.Simd.Kernels.Width;

/// <summary>A vector width in bits that every kernel can run at.</summary>
public enum SimdWidth
{
    /// <summary>One float at a time.</summary>
    Scalar = 1,

    /// <summary>128 bits: SSE on x86, NEON on ARM.</summary>
    Bits128 = 128,

    /// <summary>256 bits: AVX2 with FMA.</summary>
    Bits256 = 256,

    /// <summary>512 bits: AVX-512.</summary>
    Bits512 = 512,
}
