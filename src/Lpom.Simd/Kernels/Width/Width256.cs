using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lpom.Simd.Kernels.Width;

/// <summary>The width trait over <see cref="Vector256{T}"/> of float: AVX2 with FMA.</summary>
public readonly struct Width256 : ISimdWidth<Vector256<float>>
{
    /// <inheritdoc />
    public static int Lanes => 8;

    /// <inheritdoc />
    public static Vector256<float> Zero => Vector256<float>.Zero;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float x) => Vector256.Create(x);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector256<float> Load(float* p) => Vector256.Load(p);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector256<float> LoadByte(byte* p) => Avx2.IsSupported ? Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(p)) : Vector256.Create(Width128.LoadByte(p), Width128.LoadByte(p + 4));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> BroadcastInt32(int x) => Vector256.Create(x).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LowBFloat16(Vector256<float> pairs) => (pairs.AsUInt32() << 16).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> HighBFloat16(Vector256<float> pairs) => (pairs.AsUInt32() & Vector256.Create(0xFFFF0000)).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AddPairProducts(Vector256<float> a, Vector256<float> b, Vector256<float> sums) => Avx2.IsSupported
        ? (sums.AsInt32() + Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsSingle()
        : Vector256.Create(Width128.AddPairProducts(a.GetLower(), b.GetLower(), sums.GetLower()), Width128.AddPairProducts(a.GetUpper(), b.GetUpper(), sums.GetUpper()));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> UpperBytes(Vector256<float> pairs) => (pairs.AsInt16() >> 8).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SubtractShifted(Vector256<float> a, Vector256<float> b) => (a.AsInt32() - (b.AsInt32() << 8)).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> FromInt32(Vector256<float> integers) => Vector256.ConvertToSingle(integers.AsInt32());

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(Vector256<float> x, float* p) => x.Store(p);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreInt16(Vector256<float> x, short* p)
    {
        Vector256<int> integers = Vector256.ConvertToInt32Native(x);
        Vector128.Narrow(integers.GetLower(), integers.GetUpper()).Store(p);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Transpose(float* from, nint strideFrom, float* to, nint strideTo)
    {
        TransposeHalf(from, strideFrom, to, strideTo);
        TransposeHalf(from + 4, strideFrom, to + (4 * strideTo), strideTo);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sqrt(Vector256<float> a) => Vector256.Sqrt(a);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Vector256.MinNative(a, b);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.MaxNative(a, b);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Abs(Vector256<float> a) => Vector256.Abs(a);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Round(Vector256<float> a) => Vector256.Round(a);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LessThan(Vector256<float> a, Vector256<float> b) => Vector256.LessThan(a, b);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Equal(Vector256<float> a, Vector256<float> b) => Vector256.Equals(a, b);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonZeroLanes(Vector256<float> a) => (uint)(~Vector256.Equals(a, Vector256<float>.Zero)).ExtractMostSignificantBits();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Select(Vector256<float> mask, Vector256<float> whenTrue, Vector256<float> whenFalse) =>
        Vector256.ConditionalSelect(mask, whenTrue, whenFalse);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> And(Vector256<float> a, Vector256<float> b) => a & b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Or(Vector256<float> a, Vector256<float> b) => a | b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Xor(Vector256<float> a, Vector256<float> b) => a ^ b;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PowerOfTwo(Vector256<float> n) =>
        ((Vector256.ConvertToInt32Native(n) + Vector256.Create(FloatBits.Bias)) << FloatBits.FractionBits).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exponent(Vector256<float> x) =>
        Vector256.ConvertToSingle((x.AsInt32() >>> FloatBits.FractionBits) - Vector256.Create(FloatBits.Bias));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Fraction(Vector256<float> x) =>
        ((x.AsInt32() & Vector256.Create(FloatBits.FractionMask)) | Vector256.Create(FloatBits.One)).AsSingle();

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> a) => Width128.Sum(a.GetLower() + a.GetUpper());

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Vector256<float> a) => Width128.MaxLane(Vector128.MaxNative(a.GetLower(), a.GetUpper()));

    // Of the first four columns. Rows i and i + 4 share a vector, so that interleaving within its halves is all there is to do.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void TransposeHalf(float* from, nint strideFrom, float* to, nint strideTo)
    {
        float* lower = from + (4 * strideFrom);
        Vector256<float> r0 = Vector256.Create(Vector128.Load(from), Vector128.Load(lower));
        Vector256<float> r1 = Vector256.Create(Vector128.Load(from + strideFrom), Vector128.Load(lower + strideFrom));
        Vector256<float> r2 = Vector256.Create(Vector128.Load(from + (2 * strideFrom)), Vector128.Load(lower + (2 * strideFrom)));
        Vector256<float> r3 = Vector256.Create(Vector128.Load(from + (3 * strideFrom)), Vector128.Load(lower + (3 * strideFrom)));
        Vector256<float> low01 = Interleave.Low(r0, r1), high01 = Interleave.High(r0, r1);
        Vector256<float> low23 = Interleave.Low(r2, r3), high23 = Interleave.High(r2, r3);
        Interleave.LowPairs(low01, low23).Store(to);
        Interleave.HighPairs(low01, low23).Store(to + strideTo);
        Interleave.LowPairs(high01, high23).Store(to + (2 * strideTo));
        Interleave.HighPairs(high01, high23).Store(to + (3 * strideTo));
    }
}
