using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>How a <see cref="PackedMatrix"/> stores a number.</summary>
internal unsafe interface IWeightFormat
{
    /// <summary>Bytes of a number.</summary>
    static abstract int Size { get; }

    /// <summary>Loads a vector of numbers; of integers, before their column's scale.</summary>
    static abstract TV Load<TW, TV>(byte* p)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}

/// <summary>Float32.</summary>
internal readonly unsafe struct Float32Format : IWeightFormat
{
    /// <inheritdoc />
    public static int Size => sizeof(float);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Load<TW, TV>(byte* p)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Load((float*)p);
}

/// <summary>Bfloat16: the upper half of a float32.</summary>
internal readonly unsafe struct BFloat16Format : IWeightFormat
{
    /// <inheritdoc />
    public static int Size => sizeof(ushort);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Load<TW, TV>(byte* p)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.LoadBFloat16((ushort*)p);
}

/// <summary>An integer from −127 to 127, times a scale of its column.</summary>
internal readonly unsafe struct Int8Format : IWeightFormat
{
    /// <inheritdoc />
    public static int Size => sizeof(sbyte);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Load<TW, TV>(byte* p)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.LoadSByte((sbyte*)p);
}
