using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Pointwise;

public sealed class MapTests
{
    private const int LargestSize = (2 * 16) + 1;

    public static TheoryData<SimdWidth> AllWidths => Widths.All;

    [Theory, MemberData(nameof(AllWidths))]
    public void Every_size_stays_within_its_memory(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        for (int size = 0; size <= LargestSize; size++)
        {
            foreach (bool atEnd in new[] { false, true })
            {
                using GuardedBuffer x = new(Floats.Random(size, 1), atEnd), y = new(Floats.Random(size, 2), atEnd);
                using GuardedBuffer z = new(Floats.Random(size, 3), atEnd), first = new(size, atEnd), second = new(size, atEnd);
                MatrixView result = View(first.Span);
                Map.Unary(context, new Activate<Tanh>(default), View(x.Span), result);
                AssertEach(first.Span, i => SimdMath.Tanh<WidthScalar, float>(x.Span[i]));
                Map.Binary(context, new AxpBy(2f, 3f), View(x.Span), View(y.Span), result);
                AssertEach(first.Span, i => WidthScalar.Fma(2f, x.Span[i], 3f * y.Span[i]));
                Map.Ternary(context, new OutputStep<Identity>(default, 0.25f), View(x.Span), View(y.Span), View(z.Span), result);
                AssertEach(first.Span, i => WidthScalar.Fma(-0.25f, y.Span[i] - z.Span[i], x.Span[i]));
                Map.TernaryRow(width, new ScaleStep(0.5f), x.Span, y.Span, z.Span, first.Span);
                AssertEach(first.Span, i => Math.Clamp(WidthScalar.Fma(x.Span[i], y.Span[i], z.Span[i]), -0.5f, 0.5f));
                Map.TernaryPair(context, new TwoSums(), View(x.Span), View(y.Span), View(z.Span), result, View(second.Span));
                AssertEach(first.Span, i => x.Span[i] + y.Span[i]);
                AssertEach(second.Span, i => y.Span[i] + z.Span[i]);
            }
        }
    }

    [Theory, MemberData(nameof(AllWidths))]
    public void Strided_matrices_keep_what_is_between_their_rows(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        for (int cols = 1; cols <= LargestSize; cols++)
        {
            float[] x = Floats.Random(3 * (cols + 5), cols), result = [.. Enumerable.Repeat(7f, 3 * (cols + 2))];
            Map.Unary(context, new Activate<Sigmoid>(default), new(x, 3, cols, cols + 5), new(result, 3, cols, cols + 2));
            for (int i = 0; i < result.Length; i++)
            {
                (int row, int col) = (i / (cols + 2), i % (cols + 2));
                float expected = col < cols ? SimdMath.Sigmoid<WidthScalar, float>(x[(row * (cols + 5)) + col]) : 7f;
                Assert.True(Bits.Same(expected, result[i]));
            }
        }
    }

    [Theory, MemberData(nameof(AllWidths))]
    public void A_result_may_be_an_input(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        for (int size = 1; size <= LargestSize; size++)
        {
            float[] u = Floats.Random(size, 1), a = Floats.Random(size, 2), b = Floats.Random(size, 3);
            float[] u0 = [.. u], a0 = [.. a], b0 = [.. b];
            AveragedUpdate<Relu> update = new(default, 0.3f, 0.7f);
            Map.TernaryPair(context, update, View(u), View(a), View(b), View(u), View(b));
            AssertEach(u, i => WidthScalar.Fma(0.3f, WidthScalar.Fma(-0.7f, b0[i], a0[i]), (1f - 0.3f) * u0[i]));
            AssertEach(b, i => Math.Max(0f, u[i]));
            float[] r = [.. a0];
            Map.Binary(context, new Residual<Relu>(default), View(u0), View(r), View(r));
            AssertEach(r, i => Math.Max(0f, u0[i]) - a0[i]);
        }
    }

    [Fact]
    public void Workers_do_not_change_the_bits()
    {
        const int rows = 217, cols = 301;
        Matrix x = new(rows, cols), one = new(rows, cols), many = new(rows, cols);
        for (int row = 0; row < rows; row++) Floats.Random(cols, row, 5f).CopyTo(x.View.Row(row));
        float[] dense = Floats.Random(rows * cols, 4, 5f);
        using KernelContext single = new(1);
        Map.Unary(single, new Activate<Softplus>(default), x.View, one.View);
        float[] denseOne = new float[dense.Length], denseMany = new float[dense.Length];
        Map.Unary(single, new Activate<Softplus>(default), View(dense), View(denseOne));
        foreach (int threads in new[] { 2, 3, 5 })
        {
            using KernelContext team = new(threads);
            Map.Unary(team, new Activate<Softplus>(default), x.View, many.View);
            for (int row = 0; row < rows; row++) Bits.AssertSame(one.View.Row(row), many.View.Row(row), $"{threads} threads, row {row}");
            Map.Unary(team, new Activate<Softplus>(default), View(dense), View(denseMany));
            Bits.AssertSame(denseOne, denseMany, $"{threads} threads");
        }
    }

    [Fact]
    public void Shapes_that_differ_are_refused()
    {
        using KernelContext context = new(1);
        float[] six = new float[6], nine = new float[9];
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => Map.Unary(context, new Activate<Relu>(default), new(six, 2, 3), new(six, 3, 2)));
        Assert.Contains("[2 × 3] and [3 × 2]", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Map.Binary(context, new AxpBy(1, 1), new(six, 2, 3), new(nine, 3, 3), new(six, 2, 3)));
        Assert.Throws<ArgumentException>(
            () => Map.Ternary(context, new OutputStep<Relu>(default, 1), new(six, 2, 3), new(six, 2, 3), new(nine, 3, 3), new(six, 2, 3)));
        Assert.Throws<ArgumentException>(
            () => Map.TernaryPair(context, new TwoSums(), new(six, 2, 3), new(six, 2, 3), new(six, 2, 3), new(six, 2, 3), new(nine, 3, 3)));
    }

    private static MatrixView View(Span<float> x) => new(x, 1, x.Length);

    private static void AssertEach(ReadOnlySpan<float> actual, Func<int, float> expected)
    {
        for (int i = 0; i < actual.Length; i++)
        {
            if (!Bits.Same(expected(i), actual[i])) Assert.Fail($"element {i} of {actual.Length} is {actual[i]:R}, not {expected(i):R}");
        }
    }

    private readonly struct TwoSums : ITernaryPairOperator
    {
        public TV Apply<TW, TV>(TV x, TV y, TV z, out TV second)
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            second = TW.Add(y, z);
            return TW.Add(x, y);
        }
    }
}
