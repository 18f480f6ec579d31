namespace Lpom.Simd.Kernels.Width;

/// <summary>
/// The width trait: what a kernel body may do with a vector of <see cref="Lanes"/> floats. One zero-size implementation per width
/// over the raw BCL vector, so that a generic body compiles to the bare instructions.
/// </summary>
/// <remarks>
/// Each operation acts on every lane alone and gives the same bits at every width on one machine, so a pointwise kernel's result
/// does not depend on the width. Masks are vectors of all-ones or all-zero lanes.
/// </remarks>
/// <typeparam name="TV">The vector: <see cref="float"/>, or a BCL vector of float.</typeparam>
public interface ISimdWidth<TV>
    where TV : struct
{
    /// <summary>Floats in one vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>All lanes 0.</summary>
    static abstract TV Zero { get; }

    /// <summary>All lanes <paramref name="x"/>.</summary>
    static abstract TV Broadcast(float x);

    /// <summary>Reads <see cref="Lanes"/> floats from any address; the caller vouches for the memory.</summary>
    static abstract unsafe TV Load(float* p);

    /// <summary>Reads <see cref="Lanes"/> bytes without a sign as the integers that they are; the caller vouches for the memory.</summary>
    static abstract unsafe TV LoadByte(byte* p);

    /// <summary>An integer, or a pair of int16, in every lane.</summary>
    static abstract TV BroadcastInt32(int x);

    /// <summary>Of lanes that are pairs of bfloat16 numbers, the upper halves of floats, the lower one, exactly.</summary>
    static abstract TV LowBFloat16(TV pairs);

    /// <summary>The upper one.</summary>
    static abstract TV HighBFloat16(TV pairs);

    /// <summary>sums + a₀b₀ + a₁b₁: lanes of int32, and pairs of int16. Beyond int32 it wraps.</summary>
    static abstract TV AddPairProducts(TV a, TV b, TV sums);

    /// <summary>Of lanes that are pairs of int16, the upper byte of each, with its sign, as int16.</summary>
    static abstract TV UpperBytes(TV pairs);

    /// <summary>a − 256 · b: lanes of int32. Beyond int32 it wraps.</summary>
    static abstract TV SubtractShifted(TV a, TV b);

    /// <summary>Lanes of int32 as the nearest floats.</summary>
    static abstract TV FromInt32(TV integers);

    /// <summary>Writes <see cref="Lanes"/> floats to any address; the caller vouches for the memory.</summary>
    static abstract unsafe void Store(TV x, float* p);

    /// <summary>Writes lanes that hold integers from −32768 to 32767 as int16; the caller vouches for the memory.</summary>
    static abstract unsafe void StoreInt16(TV x, short* p);

    /// <summary>to ← fromᵀ for a square of <see cref="Lanes"/> rows and columns; the strides are floats between rows. The caller vouches for the memory.</summary>
    static abstract unsafe void Transpose(float* from, nint strideFrom, float* to, nint strideTo);

    /// <summary>a + b.</summary>
    static abstract TV Add(TV a, TV b);

    /// <summary>a − b.</summary>
    static abstract TV Subtract(TV a, TV b);

    /// <summary>a · b.</summary>
    static abstract TV Multiply(TV a, TV b);

    /// <summary>a / b.</summary>
    static abstract TV Divide(TV a, TV b);

    /// <summary>a · b + c: one rounding where the processor has FMA, two (multiply, add) where not, the same at every width.</summary>
    static abstract TV Fma(TV a, TV b, TV c);

    /// <summary>√a.</summary>
    static abstract TV Sqrt(TV a);

    /// <summary>The platform's minimum: on x86 the second operand when either is NaN (so put the bound first to keep a NaN).</summary>
    static abstract TV Min(TV a, TV b);

    /// <summary>The platform's maximum: on x86 the second operand when either is NaN (so put the bound first to keep a NaN).</summary>
    static abstract TV Max(TV a, TV b);

    /// <summary>|a|.</summary>
    static abstract TV Abs(TV a);

    /// <summary>Nearest integer, ties to even.</summary>
    static abstract TV Round(TV a);

    /// <summary>Mask of a &lt; b; false for NaN.</summary>
    static abstract TV LessThan(TV a, TV b);

    /// <summary>Mask of a = b; false for NaN.</summary>
    static abstract TV Equal(TV a, TV b);

    /// <summary>A bit for each lane that is not 0, which NaN is not either; the first lane's is the lowest.</summary>
    static abstract uint NonZeroLanes(TV a);

    /// <summary>Lane by lane: <paramref name="whenTrue"/> where the mask is set, else <paramref name="whenFalse"/>.</summary>
    static abstract TV Select(TV mask, TV whenTrue, TV whenFalse);

    /// <summary>Bitwise and.</summary>
    static abstract TV And(TV a, TV b);

    /// <summary>Bitwise or.</summary>
    static abstract TV Or(TV a, TV b);

    /// <summary>Bitwise exclusive or.</summary>
    static abstract TV Xor(TV a, TV b);

    /// <summary>2ⁿ for lanes n that hold an integer in −126…127; other values give an unspecified number.</summary>
    static abstract TV PowerOfTwo(TV n);

    /// <summary>The unbiased exponent e of a positive normal lane x = 2ᵉ · f, 1 ≤ f &lt; 2, as a float; else unspecified.</summary>
    static abstract TV Exponent(TV x);

    /// <summary>The fraction f of a positive normal lane x = 2ᵉ · f, 1 ≤ f &lt; 2; else unspecified.</summary>
    static abstract TV Fraction(TV x);

    /// <summary>The sum of the lanes, in an order fixed per width.</summary>
    static abstract float Sum(TV a);

    /// <summary>The largest lane; NaN lanes as in <see cref="Max"/>.</summary>
    static abstract float MaxLane(TV a);
}
