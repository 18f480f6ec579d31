using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>How a <see cref="PackedMatrix"/> of floating-point numbers stores them.</summary>
internal unsafe interface IWeightFormat
{
    /// <summary>Bytes of a number.</summary>
    static abstract int Size { get; }

    /// <summary>Terms of a column that lie side by side: a lane of 32 bits.</summary>
    static abstract int Terms { get; }

    /// <summary>sum + a₀w₀ + a₁w₁, one FMA after the other, of a vector of columns.</summary>
    /// <param name="a0">The first term's factor.</param>
    /// <param name="a1">The second one's, of a format of two terms.</param>
    /// <param name="w">The columns' lanes.</param>
    /// <param name="sum">To add to.</param>
    static abstract TV Add<TW, TV>(TV a0, TV a1, byte* w, TV sum)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}

/// <summary>Float32.</summary>
internal readonly unsafe struct Float32Format : IWeightFormat
{
    /// <inheritdoc />
    public static int Size => sizeof(float);

    /// <inheritdoc />
    public static int Terms => 1;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Add<TW, TV>(TV a0, TV a1, byte* w, TV sum)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Fma(a0, TW.Load((float*)w), sum);
}

/// <summary>Bfloat16, the upper half of a float32: pairs of terms, as taking halves apart costs less than widening them.</summary>
internal readonly unsafe struct BFloat16Format : IWeightFormat
{
    /// <inheritdoc />
    public static int Size => sizeof(ushort);

    /// <inheritdoc />
    public static int Terms => 2;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Add<TW, TV>(TV a0, TV a1, byte* w, TV sum)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV pairs = TW.Load((float*)w);
        return TW.Fma(a1, TW.HighBFloat16(pairs), TW.Fma(a0, TW.LowBFloat16(pairs), sum));
    }
}
