using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Pointwise;

public sealed class ReduceTests
{
    public static TheoryData<SimdWidth> AllWidths => Widths.All;

    [Theory, MemberData(nameof(AllWidths))]
    public void Every_size_stays_within_its_memory_and_is_right(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int size in Enumerable.Range(0, 34).Concat([63, 64, 65, 511, 512, 513, 1100]))
        {
            foreach (bool atEnd in new[] { false, true })
            {
                float[] a = Floats.Random(size, 1), b = Floats.Random(size, 2);
                using GuardedBuffer x = new(a, atEnd), y = new(b, atEnd);
                double tolerance = 1e-6 * (1 + size);
                Assert.Equal(a.Zip(b, (p, q) => (double)p * q).Sum(), Reduce.Dot(context, View(x.Span), View(y.Span)), tolerance);
                Assert.Equal(a.Sum(p => (double)p * p), Reduce.SumSquares(context, View(x.Span)), tolerance);
                double difference = a.Zip(b, (p, q) => ((double)p - q) * ((double)p - q)).Sum();
                Assert.Equal(difference, Reduce.SumSquaredDifference(context, View(x.Span), View(y.Span)), tolerance);
                Assert.Equal(a.Select(Math.Abs).DefaultIfEmpty().Max(), Reduce.MaxAbs(context, View(x.Span)));
                Assert.True(Reduce.AllFinite(context, View(x.Span)));
            }
        }
    }

    [Theory, MemberData(nameof(AllWidths))]
    public void One_bad_element_anywhere_is_seen(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        float[] x = Floats.Random(70, 3);
        for (int i = 0; i < x.Length; i++)
        {
            float kept = x[i];
            x[i] = float.NaN;
            Assert.True(float.IsNaN(Reduce.MaxAbs(context, View(x))));
            Assert.False(Reduce.AllFinite(context, View(x)));
            x[i] = float.NegativeInfinity;
            Assert.Equal(float.PositiveInfinity, Reduce.MaxAbs(context, View(x)));
            Assert.False(Reduce.AllFinite(context, View(x)));
            x[i] = -3f;
            Assert.Equal(3f, Reduce.MaxAbs(context, View(x)));
            x[i] = kept;
        }
    }

    [Theory, MemberData(nameof(AllWidths))]
    public void A_long_sum_keeps_its_digits(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        float[] x = Floats.Random(300_000, 5);
        double expected = x.Sum(p => (double)p * p);
        Assert.Equal(expected, Reduce.SumSquares(context, View(x)), expected * 2e-6);
    }

    [Fact]
    public void Workers_do_not_change_the_bits()
    {
        const int rows = 161, cols = 700;
        Matrix x = new(rows, cols), y = new(rows, cols);
        for (int row = 0; row < rows; row++)
        {
            Floats.Random(cols, row).CopyTo(x.View.Row(row));
            Floats.Random(cols, -row - 1).CopyTo(y.View.Row(row));
        }
        using KernelContext single = new(1);
        foreach (int threads in new[] { 2, 3, 5 })
        {
            using KernelContext team = new(threads);
            Assert.Equal(Reduce.Dot(single, x.View, y.View), Reduce.Dot(team, x.View, y.View));
            Penalty<Tanh> penalty = new(default);
            Assert.Equal(Reduce.Sum(single, penalty, x.View, y.View), Reduce.Sum(team, penalty, x.View, y.View));
            Assert.Equal(Reduce.MaxAbs(single, x.View), Reduce.MaxAbs(team, x.View));
            Assert.True(Reduce.AllFinite(team, x.View));
        }
    }

    [Fact]
    public void Narrow_strided_columns_are_summed()
    {
        using KernelContext context = new(2);
        float[] x = Floats.Random(40_000 * 3, 6);
        ReadOnlyMatrixView view = new ReadOnlyMatrixView(x, 40_000, 3).SliceCols(1, 2);
        double expected = x.Where((_, i) => i % 3 != 0).Sum(p => (double)p * p);
        Assert.Equal(expected, Reduce.SumSquares(context, view), expected * 2e-6);
    }

    [Fact]
    public void Shapes_that_differ_are_refused()
    {
        using KernelContext context = new(1);
        float[] x = new float[6];
        Assert.Throws<ArgumentException>(() => Reduce.Dot(context, new(x, 2, 3), new(x, 3, 2)));
    }

    private static MatrixView View(Span<float> x) => new(x, 1, x.Length);
}
