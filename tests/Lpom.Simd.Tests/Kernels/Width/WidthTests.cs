using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Width;

/// <summary>Every operation of every width, lane by lane against the scalar one.</summary>
public sealed unsafe class WidthTests
{
    private static readonly float[] Values =
        [.. Floats.Special, .. Floats.Random(44, 1, 3f), .. Floats.Random(32, 2, 1e20f), 0.5f, 1.5f, 2.5f, -0.5f];

    [Fact]
    public void Width128_agrees_with_the_scalar_width() => AssertAgrees<Width128, Vector128<float>>();

    [Fact]
    public void Width256_agrees_with_the_scalar_width() => AssertAgrees<Width256, Vector256<float>>();

    [Fact]
    public void Width512_agrees_with_the_scalar_width() => AssertAgrees<Width512, Vector512<float>>();

    [Fact]
    public void The_scalar_width_is_plain_arithmetic()
    {
        Assert.Equal(7f, WidthScalar.Fma(2f, 3f, 1f));
        Assert.Equal(2f, WidthScalar.Round(2.5f));
        Assert.Equal(8f, WidthScalar.PowerOfTwo(3f));
        Assert.Equal(MathF.ScaleB(1f, -126), WidthScalar.PowerOfTwo(-126f));
        Assert.Equal(-3f, WidthScalar.Exponent(0.1875f));
        Assert.Equal(1.5f, WidthScalar.Fraction(0.1875f));
        Assert.Equal(1f, WidthScalar.Select(WidthScalar.LessThan(1f, 2f), 1f, 2f));
        Assert.Equal(2f, WidthScalar.Select(WidthScalar.LessThan(float.NaN, 2f), 1f, 2f));
        Assert.Equal(2f, WidthScalar.Select(WidthScalar.Equal(float.NaN, float.NaN), 1f, 2f));
        Assert.Equal([0u, 0u, 1u, 1u], new[] { 0f, -0f, float.NaN, float.Epsilon }.Select(WidthScalar.NonZeroLanes));
    }

    [Fact]
    public void A_bound_that_comes_first_keeps_a_NaN()
    {
        Assert.True(float.IsNaN(WidthScalar.Max(0f, float.NaN)));
        Assert.True(float.IsNaN(WidthScalar.Min(0f, float.NaN)));
    }

    [Theory]
    [InlineData("512", true, SimdWidth.Bits512)]
    [InlineData("256", true, SimdWidth.Bits256)]
    [InlineData("128", true, SimdWidth.Bits128)]
    [InlineData("1", true, SimdWidth.Scalar)]
    public void An_override_names_a_width(string text, bool known, SimdWidth expected)
    {
        Assert.Equal(known, SimdLevel.TryParse(text, out SimdWidth width));
        Assert.Equal(expected, width);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("64")]
    [InlineData("avx2")]
    public void Anything_else_leaves_the_hardwares_width(string? text)
    {
        Assert.False(SimdLevel.TryParse(text, out SimdWidth width));
        Assert.Equal(SimdLevel.Hardware, width);
    }

    private static void AssertAgrees<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        Assert.Equal(Unsafe.SizeOf<TV>() / sizeof(float), TW.Lanes);
        Unary<TW, TV>("Abs", TW.Abs, WidthScalar.Abs, Values);
        Unary<TW, TV>("Sqrt", TW.Sqrt, WidthScalar.Sqrt, Values);
        Unary<TW, TV>("Round", TW.Round, WidthScalar.Round, Values);
        float[] positive = [.. Values.Select(MathF.Abs).Where(float.IsNormal)];
        Unary<TW, TV>("Exponent", TW.Exponent, WidthScalar.Exponent, positive);
        Unary<TW, TV>("Fraction", TW.Fraction, WidthScalar.Fraction, positive);
        float[] exponents = [.. Enumerable.Range(-126, 254).Select(i => (float)i)];
        Unary<TW, TV>("PowerOfTwo", TW.PowerOfTwo, WidthScalar.PowerOfTwo, exponents);
        Unary<TW, TV>("Broadcast", _ => TW.Broadcast(1.5f), _ => 1.5f, Values);
        Unary<TW, TV>("Zero", _ => TW.Zero, _ => 0f, Values);
        Binary<TW, TV>("Add", TW.Add, WidthScalar.Add);
        Binary<TW, TV>("Subtract", TW.Subtract, WidthScalar.Subtract);
        Binary<TW, TV>("Multiply", TW.Multiply, WidthScalar.Multiply);
        Binary<TW, TV>("Divide", TW.Divide, WidthScalar.Divide);
        Binary<TW, TV>("Min", TW.Min, WidthScalar.Min);
        Binary<TW, TV>("Max", TW.Max, WidthScalar.Max);
        Binary<TW, TV>("LessThan", TW.LessThan, WidthScalar.LessThan);
        Binary<TW, TV>("Equal", TW.Equal, WidthScalar.Equal);
        Binary<TW, TV>("And", TW.And, WidthScalar.And);
        Binary<TW, TV>("Or", TW.Or, WidthScalar.Or);
        Binary<TW, TV>("Xor", TW.Xor, WidthScalar.Xor);
        Binary<TW, TV>("Fma", (a, b) => TW.Fma(a, b, TW.Broadcast(0.1f)), (a, b) => WidthScalar.Fma(a, b, 0.1f));
        Binary<TW, TV>(
            "Select",
            (a, b) => TW.Select(TW.LessThan(a, b), a, TW.Broadcast(9f)),
            (a, b) => WidthScalar.Select(WidthScalar.LessThan(a, b), a, 9f));
        NonZeroLanes<TW, TV>();
        Across<TW, TV>();
        Transposes<TW, TV>();
    }

    private static void NonZeroLanes<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        float[] values = [.. Values, 0f, -0f];
        for (int i = 0; i < values.Length; i++)
        {
            float[] x = [.. Enumerable.Range(0, TW.Lanes).Select(lane => values[(i + lane) % values.Length])];
            uint expected = 0;
            for (int lane = 0; lane < TW.Lanes; lane++) expected |= WidthScalar.NonZeroLanes(x[lane]) << lane;
            fixed (float* p = x) Assert.Equal(expected, TW.NonZeroLanes(TW.Load(p)));
        }
    }

    private static void Transposes<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        const int StrideFrom = 19, StrideTo = 17;
        float[] x = [.. Enumerable.Range(0, ((TW.Lanes - 1) * StrideFrom) + TW.Lanes).Select(i => (float)i)];
        float[] result = new float[((TW.Lanes - 1) * StrideTo) + TW.Lanes];
        fixed (float* from = x, to = result) TW.Transpose(from, StrideFrom, to, StrideTo);
        for (int row = 0; row < TW.Lanes; row++)
        {
            for (int col = 0; col < TW.Lanes; col++) Assert.Equal(x[(row * StrideFrom) + col], result[(col * StrideTo) + row]);
        }
    }

    private static void Across<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        for (int lane = 0; lane < TW.Lanes; lane++)
        {
            float[] x = new float[TW.Lanes];
            x[lane] = 2.5f;
            fixed (float* p = x)
            {
                Assert.Equal(2.5f, TW.Sum(TW.Load(p)));
                Assert.Equal(2.5f, TW.MaxLane(TW.Load(p)));
            }
        }
    }

    private static void Unary<TW, TV>(string name, Func<TV, TV> op, Func<float, float> scalar, float[] values)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        float* result = stackalloc float[TW.Lanes];
        // Each value meets each lane.
        for (int i = 0; i < values.Length; i++)
        {
            float[] x = [.. Enumerable.Range(0, TW.Lanes).Select(lane => values[(i + lane) % values.Length])];
            fixed (float* p = x) TW.Store(op(TW.Load(p)), result);
            Bits.AssertSame([.. x.Select(scalar)], new ReadOnlySpan<float>(result, TW.Lanes), name);
        }
    }

    private static void Binary<TW, TV>(string name, Func<TV, TV, TV> op, Func<float, float, float> scalar)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        float* result = stackalloc float[TW.Lanes];
        foreach (float b in Values)
        {
            for (int i = 0; i < Values.Length; i += TW.Lanes)
            {
                float[] x = [.. Enumerable.Range(0, TW.Lanes).Select(lane => Values[(i + lane) % Values.Length])];
                fixed (float* p = x) TW.Store(op(TW.Load(p), TW.Broadcast(b)), result);
                Bits.AssertSame([.. x.Select(a => scalar(a, b))], new ReadOnlySpan<float>(result, TW.Lanes), $"{name} with {b:R}");
            }
        }
    }
}
