using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Pointwise;

public sealed class SoftmaxTests
{
    public static TheoryData<SimdWidth> AllWidths => Widths.All;

    [Theory, MemberData(nameof(AllWidths))]
    public void Every_size_stays_within_its_memory_and_is_right(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int classes in Enumerable.Range(1, 33).Concat([64, 65, 130]))
        {
            foreach (bool atEnd in new[] { false, true })
            {
                float[] scores = Floats.Random(3 * classes, 1, 9f), targets = Targets(3, classes);
                using GuardedBuffer u = new(scores, atEnd), t = new(targets, atEnd), result = new(3 * classes, atEnd);
                double[] expected = Reference(scores, classes);
                Softmax.Rows(context, View(u.Span, classes), View(result.Span, classes));
                AssertClose(expected, result.Span);
                Softmax.MinusTargets(context, View(u.Span, classes), View(t.Span, classes), 0.5f, View(result.Span, classes));
                AssertClose([.. expected.Select((p, i) => 0.5 * (p - targets[i]))], result.Span);
                double loss = -expected.Select((p, i) => targets[i] == 0 ? 0 : targets[i] * Math.Log(p)).Sum();
                Assert.Equal(loss, Softmax.CrossEntropy(context, View(u.Span, classes), View(t.Span, classes)), 1e-5);
            }
        }
    }

    [Fact]
    public void Neither_width_nor_workers_change_the_bits()
    {
        const int rows = 3001, classes = 19;
        float[] scores = Floats.Random(rows * classes, 2, 20f), targets = Targets(rows, classes);
        float[] expected = new float[scores.Length], actual = new float[scores.Length];
        using KernelContext scalar = new(1, SimdWidth.Scalar);
        Softmax.MinusTargets(scalar, View(scores, classes), View(targets, classes), 0.05f, View(expected, classes));
        double loss = Softmax.CrossEntropy(scalar, View(scores, classes), View(targets, classes));
        foreach (SimdWidth width in Widths.List)
        {
            using KernelContext context = new(3, width);
            Softmax.MinusTargets(context, View(scores, classes), View(targets, classes), 0.05f, View(actual, classes));
            Bits.AssertSame(expected, actual, $"{width}");
            Assert.Equal(loss, Softmax.CrossEntropy(context, View(scores, classes), View(targets, classes)));
        }
    }

    [Fact]
    public void Huge_scores_neither_overflow_nor_vanish()
    {
        using KernelContext context = new(1);
        float[] scores = [3e38f, -3e38f, 0f, 1000f, 1001f, 999f], targets = [1, 0, 0, 0, 1, 0], result = new float[6];
        Softmax.Rows(context, View(scores, 3), View(result, 3));
        Assert.Equal([1f, 0f, 0f], result[..3]);
        Assert.Equal(1f, result[3..].Sum(), 1e-6);
        double loss = Softmax.CrossEntropy(context, View(scores, 3), View(targets, 3));
        Assert.Equal(Math.Log(1 + Math.Exp(-1) + Math.Exp(-2)), loss, 1e-6);
    }

    [Fact]
    public void A_row_with_a_NaN_is_NaN_and_leaves_its_neighbours_alone()
    {
        foreach (SimdWidth width in Widths.List)
        {
            for (int bad = 20; bad < 40; bad++)
            {
                using KernelContext context = new(1, width);
                float[] scores = Floats.Random(60, 3);
                scores[bad] = float.NaN;
                Softmax.Rows(context, View(scores, 20), View(scores, 20));
                Assert.All(scores[20..40], x => Assert.True(float.IsNaN(x)));
                Assert.DoesNotContain(float.NaN, scores[..20].Concat(scores[40..]));
            }
        }
    }

    [Fact]
    public void An_impossible_class_without_target_costs_nothing()
    {
        using KernelContext context = new(1);
        float[] scores = [0f, float.NegativeInfinity], targets = [1f, 0f];
        Assert.Equal(0.0, Softmax.CrossEntropy(context, View(scores, 2), View(targets, 2)));
    }

    [Fact]
    public void Shapes_that_differ_are_refused()
    {
        using KernelContext context = new(1);
        float[] x = new float[6];
        Assert.Throws<ArgumentException>(() => Softmax.Rows(context, new(x, 2, 3), new(x, 3, 2)));
        Assert.Throws<ArgumentException>(() => Softmax.MinusTargets(context, new(x, 2, 3), new(x, 3, 2), 1f, new(x, 2, 3)));
        Assert.Throws<ArgumentException>(() => Softmax.CrossEntropy(context, new(x, 2, 3), new(x, 3, 2)));
    }

    private static MatrixView View(Span<float> x, int classes) => new(x, x.Length / classes, classes);

    private static float[] Targets(int rows, int classes)
    {
        float[] targets = new float[rows * classes];
        for (int row = 0; row < rows; row++) targets[(row * classes) + (row % classes)] = 1f;
        return targets;
    }

    private static double[] Reference(float[] scores, int classes) =>
    [
        .. scores.Chunk(classes).SelectMany(row =>
        {
            double sum = row.Sum(u => Math.Exp(u));
            return row.Select(u => Math.Exp(u) / sum);
        }),
    ];

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual)
    {
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 3e-7);
    }
}
