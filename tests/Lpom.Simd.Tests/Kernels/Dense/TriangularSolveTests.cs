using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;
using static Lpom.Simd.Tests.Kernels.Dense.DenseReference;

namespace Lpom.Simd.Tests.Kernels.Dense;

public class TriangularSolveTests
{
    private static readonly string[] Solves = ["Lower", "LowerTransposed", "RightLower", "RightLowerTransposed"];

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void EverySolveUndoesItsProduct(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int n in new[] { 0, 1, 2, 3, 7, 8, 9, 31, 63, 64, 65, 97, 128, 129, 200 })
        {
            using GuardedMatrix l = Triangle(n);
            double[,] plain = LowerPart(l.View);
            foreach (int count in new[] { 0, 1, 5, 8, 17, 64, 129, 150 })
            {
                foreach (string solve in Solves)
                {
                    bool right = solve.StartsWith("Right", StringComparison.Ordinal);
                    using GuardedMatrix b = (right ? new GuardedMatrix(count, n, gap: 1) : new GuardedMatrix(n, count, gap: 2, atStart: true)).Fill(Noise(2));
                    double[,] original = ToDouble(b.View);
                    Solve(solve, context, l.View, b.View);
                    b.CheckGaps();
                    double[,] t = solve.EndsWith("Transposed", StringComparison.Ordinal) ? Transpose(plain) : plain;
                    double[,] y = ToDouble(b.View);
                    double[,] back = right ? Multiply(y, t) : Multiply(t, y);
                    for (int row = 0; row < b.Rows; row++)
                    {
                        for (int col = 0; col < b.Cols; col++)
                        {
                            Assert.True(
                                Math.Abs(original[row, col] - back[row, col]) < 1e-4,
                                $"{solve}, n {n}, {count} at {width}: [{row}, {col}] {back[row, col]}, not {original[row, col]}");
                        }
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void AnyNumberOfThreadsGivesTheSameBits(SimdWidth width)
    {
        using KernelContext one = new(1, width);
        using GuardedMatrix l = Triangle(193);
        foreach (int threads in new[] { 2, 3, 4 })
        {
            using KernelContext many = new(threads, width);
            foreach (string solve in Solves)
            {
                bool right = solve.StartsWith("Right", StringComparison.Ordinal);
                (int rows, int cols) = right ? (611, 193) : (193, 611);
                using GuardedMatrix expected = new GuardedMatrix(rows, cols).Fill(Noise(2));
                using GuardedMatrix actual = new GuardedMatrix(rows, cols, gap: 7).Fill(Noise(2));
                Solve(solve, one, l.View, expected.View);
                Solve(solve, many, l.View, actual.View);
                AssertSameBits(expected.View, actual.View, $"{solve}, {threads} threads at {width}");
            }
        }
    }

    [Fact]
    public void ShapesThatDoNotFitThrow()
    {
        using KernelContext context = new(1);
        float[] l = new float[6], b = [1, 2, 3, 4, 5, 6];
        Assert.Throws<ArgumentException>(() => TriangularSolve.Lower(context, new MatrixView(l, 2, 3), new MatrixView(b, 2, 3)));
        Assert.Throws<ArgumentException>(() => TriangularSolve.LowerTransposed(context, new MatrixView(l, 2, 2), new MatrixView(b, 3, 2)));
        Assert.Throws<ArgumentException>(() => TriangularSolve.RightLower(context, new MatrixView(l, 2, 2), new MatrixView(b, 2, 3)));
        Assert.Equal([1, 2, 3, 4, 5, 6], b);
    }

    private static void Solve(string solve, KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        switch (solve)
        {
            case "Lower": TriangularSolve.Lower(context, l, b); break;
            case "LowerTransposed": TriangularSolve.LowerTransposed(context, l, b); break;
            case "RightLower": TriangularSolve.RightLower(context, l, b); break;
            default: TriangularSolve.RightLowerTransposed(context, l, b); break;
        }
    }

    // Well conditioned; NaN above the diagonal, where nothing may be read.
    private static GuardedMatrix Triangle(int n)
    {
        Func<int, int, float> noise = Noise(n);
        return new GuardedMatrix(n, n, gap: n % 3).Fill((row, col) => col > row ? float.NaN : col == row ? 2 + (row % 3) : noise(row, col) / n);
    }
}
