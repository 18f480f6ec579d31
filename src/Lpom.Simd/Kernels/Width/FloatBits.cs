namespace Lpom.Simd.Kernels.Width;

/// <summary>The layout of an IEEE 754 binary32 number.</summary>
internal static class FloatBits
{
    /// <summary>Bits of the stored fraction.</summary>
    public const int FractionBits = 23;

    /// <summary>The exponent's bias.</summary>
    public const int Bias = 127;

    /// <summary>The stored fraction's bits set.</summary>
    public const int FractionMask = (1 << FractionBits) - 1;

    /// <summary>The bits of 1.0f.</summary>
    public const int One = Bias << FractionBits;
}
