using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;
using static Lpom.Simd.Tests.Kernels.Dense.DenseReference;

namespace Lpom.Simd.Tests.Kernels.Dense;

public class SyrkTests
{
    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void TheGramMatrixIsSymmetricAndEqualsTheProduct(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int size in new[] { 0, 1, 2, 5, 6, 7, 11, 12, 13, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 66, 95, 97, 100, 130 })
        {
            foreach (int depth in new[] { 0, 1, 9, 100, 257 })
            {
                foreach (bool transposed in new[] { false, true }) Check(context, size, depth, transposed);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void AnyNumberOfThreadsGivesTheSameBits(SimdWidth width)
    {
        using KernelContext one = new(1, width);
        foreach (int threads in new[] { 2, 3, 4 })
        {
            using KernelContext many = new(threads, width);
            foreach (bool transposed in new[] { false, true })
            {
                using GuardedMatrix x = (transposed ? new GuardedMatrix(70, 301) : new GuardedMatrix(301, 70, gap: 2)).Fill(Noise(1));
                using GuardedMatrix expected = new(301, 301), actual = new(301, 301, gap: 3);
                Syrk.Gram(one, x.View, expected.View, transposed);
                Syrk.Gram(many, x.View, actual.View, transposed);
                AssertSameBits(expected.View, actual.View, $"{threads} threads at {width}");
                actual.CheckGaps();
            }
        }
    }

    [Theory]
    [InlineData(600, 1100, false)]
    [InlineData(530, 2100, false)]
    [InlineData(600, 1100, true)]
    public void SeveralPassesOverTheColumnsAreExactlySymmetricAtAnyNumberOfThreads(int size, int depth, bool transposed)
    {
        using GuardedMatrix x = (transposed ? new GuardedMatrix(depth, size) : new GuardedMatrix(size, depth)).Fill(Noise(1));
        using GuardedMatrix expected = new(size, size);
        for (int threads = 1; threads <= 3; threads++)
        {
            using KernelContext context = new(threads);
            using GuardedMatrix actual = new(size, size);
            Syrk.Gram(context, x.View, actual.View, transposed);
            for (int row = 0; row < size; row++)
            {
                for (int col = 0; col < row; col++) Assert.Equal(actual.View[row, col], actual.View[col, row]);
            }
            if (threads == 1) actual.View.CopyTo(expected.View);
            AssertSameBits(expected.View, actual.View, $"{threads} threads");
        }
    }

    // So few columns that one thread reads X in place; a part of the triangle has fewer than a vector.
    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void PartsOfASmallTriangleReadNothingBeforeTheMatrix(SimdWidth width)
    {
        using KernelContext one = new(1, width), two = new(2, width);
        foreach (int size in new[] { 25, 26, 28 })
        {
            using GuardedMatrix x = new GuardedMatrix(3400, size, atStart: true).Fill(Noise(1));
            using GuardedMatrix expected = new(size, size), actual = new(size, size);
            Syrk.Gram(one, x.View, expected.View, transposed: true);
            Syrk.Gram(two, x.View, actual.View, transposed: true);
            AssertSameBits(expected.View, actual.View, $"{size} at {width}");
        }
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void AnUpdateOfTheLowerTriangleIgnoresTheUpper(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int size in new[] { 1, 7, 17, 50, 97 })
        {
            using GuardedMatrix x = new GuardedMatrix(size, 20, gap: 1).Fill(Noise(1));
            using GuardedMatrix c = new GuardedMatrix(size, size).Fill((row, col) => col > row ? float.NaN : row - col);
            double[,] product = Multiply(ToDouble(x.View), Transpose(ToDouble(x.View)));
            Syrk.UpdateLower(context, x.View, c.View, alpha: -1);
            for (int row = 0; row < size; row++)
            {
                for (int col = 0; col <= row; col++) Assert.Equal(row - col - product[row, col], c.View[row, col], 2e-5);
            }
        }
    }

    [Fact]
    public void AGramMatrixOfAnotherShapeThrows()
    {
        using KernelContext context = new(1);
        float[] x = new float[6], gram = [1, 2, 3, 4];
        Assert.Throws<ArgumentException>(() => Syrk.Gram(context, new MatrixView(x, 2, 3), new MatrixView(gram, 2, 2), transposed: true));
        Assert.Equal([1, 2, 3, 4], gram);
    }

    private static void Check(KernelContext context, int size, int depth, bool transposed)
    {
        using GuardedMatrix x = (transposed ? new GuardedMatrix(depth, size, gap: 1) : new GuardedMatrix(size, depth, gap: 2)).Fill(Noise(1));
        using GuardedMatrix gram = new GuardedMatrix(size, size, gap: size % 2, atStart: depth == 9).Fill((_, _) => float.NaN);
        using GuardedMatrix product = new(size, size);
        Syrk.Gram(context, x.View, gram.View, transposed, alpha: 0.5f);
        Gemm.Multiply(context, transposed ? GemmForm.TN : GemmForm.NT, x.View, x.View, product.View, alpha: 0.5f);
        string what = $"size {size}, depth {depth}, transposed {transposed} at {context.Width}";
        AssertClose(ToDouble(product.View), gram.View, 1e-5 * (depth + 1), what);
        AssertSameBits(gram.View, Flipped(gram.View), what + ", symmetry");
        gram.CheckGaps();
    }

    private static MatrixView Flipped(ReadOnlyMatrixView view)
    {
        MatrixView flipped = new(new float[view.Rows * view.Cols], view.Cols, view.Rows);
        for (int row = 0; row < view.Rows; row++)
        {
            for (int col = 0; col < view.Cols; col++) flipped[col, row] = view[row, col];
        }
        return flipped;
    }
}
