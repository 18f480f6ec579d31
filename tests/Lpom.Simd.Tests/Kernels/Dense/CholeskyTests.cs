using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;
using static Lpom.Simd.Tests.Kernels.Dense.DenseReference;

namespace Lpom.Simd.Tests.Kernels.Dense;

public class CholeskyTests
{
    public static TheoryData<SimdWidth> AllWidths => new(Widths);

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void TheFactorTimesItsTransposeIsTheMatrix(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int n in Sizes)
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
    [MemberData(nameof(AllWidths))]
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

    private static int[] Sizes => [0, 1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 127, 128, 129];

    private static GuardedMatrix Positive(int n, int seed)
    {
        // Diagonally dominant: condition numbers stay small.
        Func<int, int, float> noise = Noise(seed);
        return new GuardedMatrix(n, n, gap: n % 3, atStart: n % 2 == 0)
            .Fill((row, col) => row == col ? n + 1 : noise(Math.Max(row, col), Math.Min(row, col)));
    }

    private static double[,] LowerPart(ReadOnlyMatrixView a)
    {
        double[,] l = ToDouble(a);
        for (int row = 0; row < a.Rows; row++)
        {
            for (int col = row + 1; col < a.Cols; col++) l[row, col] = 0;
        }
        return l;
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
