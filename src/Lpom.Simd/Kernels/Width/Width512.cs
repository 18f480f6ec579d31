using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lpom.Simd.Kernels.Width;

/// <summary>The width trait over <see cref="Vector512{T}"/> of float: AVX-512.</summary>
public readonly struct Width512 : ISimdWidth<Vector512<float>>
{
    /// <inheritdoc />
    public static int Lanes => 16;

    /// <inheritdoc />
    public static Vector512<float> Zero => Vector512<float>.Zero;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float x) => Vector512.Create(x);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<float> Load(float* p) => Vector512.Load(p);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<float> LoadByte(byte* p) => Avx512F.IsSupported ? Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(p))) : Vector512.Create(Width256.LoadByte(p), Width256.LoadByte(p + 8));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> BroadcastInt32(int x) => Vector512.Create(x).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LowBFloat16(Vector512<float> pairs) => (pairs.AsUInt32() << 16).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> HighBFloat16(Vector512<float> pairs) => (pairs.AsUInt32() & Vector512.Create(0xFFFF0000)).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> AddPairProducts(Vector512<float> a, Vector512<float> b, Vector512<float> sums) => Avx512BW.IsSupported
        ? (sums.AsInt32() + Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsSingle()
        : Vector512.Create(Width256.AddPairProducts(a.GetLower(), b.GetLower(), sums.GetLower()), Width256.AddPairProducts(a.GetUpper(), b.GetUpper(), sums.GetUpper()));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> UpperBytes(Vector512<float> pairs) => (pairs.AsInt16() >> 8).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SubtractShifted(Vector512<float> a, Vector512<float> b) => (a.AsInt32() - (b.AsInt32() << 8)).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FromInt32(Vector512<float> integers) => Vector512.ConvertToSingle(integers.AsInt32());

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(Vector512<float> x, float* p) => x.Store(p);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreInt16(Vector512<float> x, short* p)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector256Int16(Vector512.ConvertToInt32Native(x)).Store(p);
            return;
        }
        Width256.StoreInt16(x.GetLower(), p);
        Width256.StoreInt16(x.GetUpper(), p + 8);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Transpose(float* from, nint strideFrom, float* to, nint strideTo)
    {
        if (!Avx512F.IsSupported)
        {
            Width256.Transpose(from, strideFrom, to, strideTo);
            Width256.Transpose(from + 8, strideFrom, to + (8 * strideTo), strideTo);
            Width256.Transpose(from + (8 * strideFrom), strideFrom, to + 8, strideTo);
            Width256.Transpose(from + (8 * strideFrom) + 8, strideFrom, to + (8 * strideTo) + 8, strideTo);
            return;
        }
        LoadColumns(from, strideFrom, out Vector512<float> a0, out Vector512<float> a1, out Vector512<float> a2, out Vector512<float> a3);
        LoadColumns(from + (4 * strideFrom), strideFrom, out Vector512<float> b0, out Vector512<float> b1, out Vector512<float> b2, out Vector512<float> b3);
        LoadColumns(from + (8 * strideFrom), strideFrom, out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2, out Vector512<float> c3);
        LoadColumns(from + (12 * strideFrom), strideFrom, out Vector512<float> d0, out Vector512<float> d1, out Vector512<float> d2, out Vector512<float> d3);
        StoreQuarters(a0, b0, c0, d0, to, strideTo);
        StoreQuarters(a1, b1, c1, d1, to + strideTo, strideTo);
        StoreQuarters(a2, b2, c2, d2, to + (2 * strideTo), strideTo);
        StoreQuarters(a3, b3, c3, d3, to + (3 * strideTo), strideTo);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sqrt(Vector512<float> a) => Vector512.Sqrt(a);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> a, Vector512<float> b) => Vector512.MinNative(a, b);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Vector512.MaxNative(a, b);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Abs(Vector512<float> a) => Vector512.Abs(a);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Round(Vector512<float> a) => Vector512.Round(a);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LessThan(Vector512<float> a, Vector512<float> b) => Vector512.LessThan(a, b);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Equal(Vector512<float> a, Vector512<float> b) => Vector512.Equals(a, b);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonZeroLanes(Vector512<float> a) => (uint)(~Vector512.Equals(a, Vector512<float>.Zero)).ExtractMostSignificantBits();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Select(Vector512<float> mask, Vector512<float> whenTrue, Vector512<float> whenFalse) =>
        Vector512.ConditionalSelect(mask, whenTrue, whenFalse);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> And(Vector512<float> a, Vector512<float> b) => a & b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Or(Vector512<float> a, Vector512<float> b) => a | b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Xor(Vector512<float> a, Vector512<float> b) => a ^ b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PowerOfTwo(Vector512<float> n) =>
        ((Vector512.ConvertToInt32Native(n) + Vector512.Create(FloatBits.Bias)) << FloatBits.FractionBits).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exponent(Vector512<float> x) =>
        Vector512.ConvertToSingle((x.AsInt32() >>> FloatBits.FractionBits) - Vector512.Create(FloatBits.Bias));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fraction(Vector512<float> x) =>
        ((x.AsInt32() & Vector512.Create(FloatBits.FractionMask)) | Vector512.Create(FloatBits.One)).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> a) => Width256.Sum(a.GetLower() + a.GetUpper());

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Vector512<float> a) => Width256.MaxLane(Vector256.MaxNative(a.GetLower(), a.GetUpper()));

    // Quarter q of result j holds column 4q + j of four rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void LoadColumns(
        float* p, nint stride, out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2, out Vector512<float> c3)
    {
        Vector512<float> r0 = Vector512.Load(p), r1 = Vector512.Load(p + stride);
        Vector512<float> r2 = Vector512.Load(p + (2 * stride)), r3 = Vector512.Load(p + (3 * stride));
        Vector512<float> low01 = Avx512F.UnpackLow(r0, r1), high01 = Avx512F.UnpackHigh(r0, r1);
        Vector512<float> low23 = Avx512F.UnpackLow(r2, r3), high23 = Avx512F.UnpackHigh(r2, r3);
        c0 = Avx512F.UnpackLow(low01.AsDouble(), low23.AsDouble()).AsSingle();
        c1 = Avx512F.UnpackHigh(low01.AsDouble(), low23.AsDouble()).AsSingle();
        c2 = Avx512F.UnpackLow(high01.AsDouble(), high23.AsDouble()).AsSingle();
        c3 = Avx512F.UnpackHigh(high01.AsDouble(), high23.AsDouble()).AsSingle();
    }

    // Rows j, 4 + j, 8 + j and 12 + j of the result, from the same column of sixteen rows' quarters.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void StoreQuarters(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* to, nint stride)
    {
        Vector512<float> lowAb = Avx512F.Shuffle4x128(a, b, 0x44), highAb = Avx512F.Shuffle4x128(a, b, 0xEE);
        Vector512<float> lowCd = Avx512F.Shuffle4x128(c, d, 0x44), highCd = Avx512F.Shuffle4x128(c, d, 0xEE);
        Avx512F.Shuffle4x128(lowAb, lowCd, 0x88).Store(to);
        Avx512F.Shuffle4x128(lowAb, lowCd, 0xDD).Store(to + (4 * stride));
        Avx512F.Shuffle4x128(highAb, highCd, 0x88).Store(to + (8 * stride));
        Avx512F.Shuffle4x128(highAb, highCd, 0xDD).Store(to + (12 * stride));
    }
}
