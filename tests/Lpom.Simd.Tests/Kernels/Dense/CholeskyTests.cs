using FsCheck;
using FsCheck.Fluent;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;
using static Lpom.Simd.Tests.Kernels.Dense.DenseReference;

namespace Lpom.Simd.Tests.Kernels.Dense;

public class CholeskyTests
{
    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void TheFactorTimesItsTransposeIsTheMatrix(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        // Up to two blocks and one: all of them once, the edges at every width.
        foreach (int n in width == SimdLevel.Hardware ? Enumerable.Range(0, 130) : Sizes)
        {
            using GuardedMatrix a = Positive(n, seed: n);
            double[,] expected = ToDouble(a.View);
            Assert.True(Cholesky.Factor(context, a.View).Success);
            double[,] l = LowerPart(a.View);
            double[,] product = Multiply(l, Transpose(l));
            for (int row = 0; row < n; row++)
            {
                for (int col = 0; col <= row; col++) Assert.Equal(expected[row, col], product[row, col], 2e-5 * n);
            }
            a.CheckGaps();
        }
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void TheInverseTimesTheMatrixIsTheIdentity(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int n in Sizes)
        {
            using GuardedMatrix a = Positive(n, seed: n);
            double[,] plain = ToDouble(a.View);
            Assert.True(Cholesky.Factor(context, a.View).Success);
            using GuardedMatrix inverse = new(n, n, gap: 3);
            Fill(inverse.View, (_, _) => true, float.NaN);
            Cholesky.Invert(context, a.View, inverse.View);
            a.CheckGaps();
            inverse.CheckGaps();
            double[,] product = Multiply(ToDouble(inverse.View), plain);
            for (int row = 0; row < n; row++)
            {
                for (int col = 0; col < n; col++)
                {
                    Assert.Equal(row == col ? 1 : 0, product[row, col], 1e-4);
                    Assert.Equal(inverse.View[row, col], inverse.View[col, row]);
                    if (col > row) Assert.Equal(0, a.View[row, col]);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void SolvesUndoTheProduct(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int n in Sizes)
        {
            using GuardedMatrix k = Positive(n, seed: n);
            double[,] plain = ToDouble(k.View);
            Assert.True(Cholesky.Factor(context, k.View).Success);
            foreach (int columns in new[] { 0, 1, 3, 10, 17, 130 })
            {
                using GuardedMatrix b = new GuardedMatrix(n, columns, gap: 2).Fill(Noise(5));
                double[,] right = ToDouble(b.View);
                Cholesky.Solve(context, k.View, b.View);
                b.CheckGaps();
                AssertClose(right, Back(Multiply(plain, ToDouble(b.View))), 1e-4, $"K·Y = B, n {n}, {columns} columns at {width}");

                using GuardedMatrix g = new GuardedMatrix(columns, n, gap: 1, atStart: true).Fill(Noise(6));
                double[,] left = ToDouble(g.View);
                Cholesky.SolveRight(context, k.View, g.View);
                g.CheckGaps();
                AssertClose(left, Back(Multiply(ToDouble(g.View), plain)), 1e-4, $"Y·K = B, n {n}, {columns} rows at {width}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void OnlyTheLowerTriangleIsRead(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int n in new[] { 9, 64, 150 })
        {
            using GuardedMatrix full = Positive(n, seed: 1), lower = Positive(n, seed: 1);
            Fill(lower.View, (row, col) => col > row, float.NaN);
            Assert.True(Cholesky.Factor(context, full.View).Success);
            Assert.True(Cholesky.Factor(context, lower.View).Success);
            Fill(full.View, (row, col) => col > row, 0);
            Fill(lower.View, (row, col) => col > row, 0);
            AssertSameBits(full.View, lower.View, $"n {n} at {width}");
        }
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void ABadPivotIsNamedExactly(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int n in new[] { 1, 20, 65, 140 })
        {
            foreach (int bad in new[] { 0, n / 2, n - 1 })
            {
                foreach (float pivot in new[] { 0f, -1f, float.NaN, float.PositiveInfinity })
                {
                    using GuardedMatrix a = Positive(n, seed: 2);
                    a.View[bad, bad] = pivot;
                    CholeskyResult result = Cholesky.Factor(context, a.View);
                    Assert.False(result.Success);
                    Assert.Equal(bad, result.BadPivotIndex);
                }
            }
        }
    }

    [Fact]
    public void ANaNUnderTheDiagonalStopsAtItsRow()
    {
        using KernelContext context = new(1);
        using GuardedMatrix a = Positive(150, seed: 3);
        a.View[100, 3] = float.NaN;
        Assert.Equal(100, Cholesky.Factor(context, a.View).BadPivotIndex);
    }

    [Fact]
    public void ASingularMatrixHasABadPivotUntilItIsDamped()
    {
        using KernelContext context = new(1);
        // The Gram matrix of 4 directions in 8 dimensions of exact small integers: rank 4, no rounding.
        using GuardedMatrix x = new GuardedMatrix(4, 8).Fill((row, col) => col % 4 == row ? 1 : 0);
        using GuardedMatrix gram = new(8, 8);
        Syrk.Gram(context, x.View, gram.View, transposed: true);
        Assert.Equal(4, Cholesky.Factor(context, gram.View).BadPivotIndex);
        Syrk.Gram(context, x.View, gram.View, transposed: true);
        for (int i = 0; i < 8; i++) gram.View[i, i] += 0.25f;
        Assert.True(Cholesky.Factor(context, gram.View).Success);
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void AnyNumberOfThreadsGivesTheSameBits(SimdWidth width)
    {
        using KernelContext one = new(1, width);
        using GuardedMatrix expected = Positive(390, seed: 4);
        Assert.True(Cholesky.Factor(one, expected.View).Success);
        Fill(expected.View, (row, col) => col > row, 0);
        foreach (int threads in new[] { 2, 3, 4 })
        {
            using KernelContext many = new(threads, width);
            using GuardedMatrix actual = Positive(390, seed: 4);
            Assert.True(Cholesky.Factor(many, actual.View).Success);
            Fill(actual.View, (row, col) => col > row, 0);
            AssertSameBits(expected.View, actual.View, $"{threads} threads at {width}");
        }
    }

    [Fact]
    public void RandomGramMatricesFactorAndSolve()
    {
        using KernelContext context = new(1);
        Gen<(int N, int Seed)> cases = from n in Gen.Choose(1, 140) from seed in Gen.Choose(0, int.MaxValue - 1) select (n, seed);
        Properties.Hold(Arb.From(cases, item => item.Item1 > 1 ? [(item.Item1 / 2, item.Item2), (item.Item1 - 1, item.Item2)] : []), item =>
        {
            (int n, int seed) = item;
            using GuardedMatrix x = new GuardedMatrix(n, n + 3).Fill(Noise(seed));
            using GuardedMatrix k = new(n, n);
            using GuardedMatrix y = new GuardedMatrix(n, 3).Fill(Noise(seed + 1));
            Syrk.Gram(context, x.View, k.View);
            for (int i = 0; i < n; i++) k.View[i, i] += 0.1f * n;
            double[,] plain = ToDouble(k.View), right = ToDouble(y.View);
            bool factored = Cholesky.Factor(context, k.View).Success;
            Cholesky.Solve(context, k.View, y.View);
            double[,] back = Multiply(plain, ToDouble(y.View));
            double worst = 0;
            for (int row = 0; row < n; row++)
            {
                for (int col = 0; col < 3; col++) worst = Math.Max(worst, Math.Abs(back[row, col] - right[row, col]));
            }
            Assert.True(factored);
            Assert.InRange(worst, 0, 1e-3);
        }, count: 60);
    }

    private static void Fill(MatrixView view, Func<int, int, bool> where, float value)
    {
        for (int row = 0; row < view.Rows; row++)
        {
            for (int col = 0; col < view.Cols; col++)
            {
                if (where(row, col)) view[row, col] = value;
            }
        }
    }

    private static int[] Sizes => [0, 1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 127, 128, 129];

    private static GuardedMatrix Positive(int n, int seed)
    {
        // Diagonally dominant: condition numbers stay small.
        Func<int, int, float> noise = Noise(seed);
        return new GuardedMatrix(n, n, gap: n % 3, atStart: n % 2 == 0)
            .Fill((row, col) => row == col ? n + 1 : noise(Math.Max(row, col), Math.Min(row, col)));
    }

    private static MatrixView Back(double[,] values)
    {
        MatrixView view = new(new float[values.Length], values.GetLength(0), values.GetLength(1));
        for (int row = 0; row < view.Rows; row++)
        {
            for (int col = 0; col < view.Cols; col++) view[row, col] = (float)values[row, col];
        }
        return view;
    }
}
