using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;
using static Lpom.Simd.Tests.Kernels.Dense.DenseReference;

namespace Lpom.Simd.Tests.Kernels.Dense;

/// <summary>What a product promises beyond its value: which bits, for which numbers, through which epilogue, at what cost.</summary>
public class GemmPropertyTests
{
    // Together they take every path: B in place, streamed, packed by the team; A in place, packed by the team, by each worker, on the way;
    // split by rows and by columns; Cᵀ computed; several passes.
    private static readonly (GemmForm Form, int M, int N, int K)[] Paths =
    [
        (GemmForm.NN, 20, 200, 300),
        (GemmForm.NN, 100, 300, 290),
        (GemmForm.NN, 300, 90, 290),
        (GemmForm.NN, 33, 4200, 10),
        (GemmForm.NN, 150, 600, 530),
        (GemmForm.NN, 290, 303, 261),
        (GemmForm.NN, 530, 540, 30),
        (GemmForm.NT, 40, 301, 270),
        (GemmForm.NT, 270, 61, 270),
        (GemmForm.NT, 110, 100, 300),
        (GemmForm.TN, 290, 90, 261),
        (GemmForm.TN, 90, 300, 261),
        (GemmForm.TN, 200, 810, 270),
    ];

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void AnyNumberOfThreadsGivesTheSameBits(SimdWidth width)
    {
        using KernelContext one = new(1, width);
        foreach (int threads in new[] { 2, 3, 4 })
        {
            using KernelContext many = new(threads, width);
            foreach ((GemmForm form, int m, int n, int k) in Paths)
            {
                using Operands operands = new(form, m, n, k);
                using GuardedMatrix expected = new GuardedMatrix(m, n).Fill(Noise(3));
                using GuardedMatrix actual = new GuardedMatrix(m, n, gap: 1).Fill(Noise(3));
                Gemm.Multiply(one, form, operands.A, operands.B, expected.View, 0.75f, accumulate: true);
                Gemm.Multiply(many, form, operands.A, operands.B, actual.View, 0.75f, accumulate: true);
                AssertSameBits(expected.View, actual.View, $"{form} {m} {n} {k}, {threads} threads at {width}");
                actual.CheckGaps();
            }
        }
    }

    // So many terms that A is packed in two passes, by each worker for itself.
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void SeveralPassesOfAFewRowsHaveTheSameBits(int threads)
    {
        using KernelContext one = new(1), many = new(threads);
        using Operands operands = new(GemmForm.NN, 130, 128 * threads, 8100);
        using GuardedMatrix expected = new(130, 128 * threads), actual = new(130, 128 * threads);
        Gemm.Multiply(one, GemmForm.NN, operands.A, operands.B, expected.View);
        Gemm.Multiply(many, GemmForm.NN, operands.A, operands.B, actual.View);
        AssertSameBits(expected.View, actual.View, $"{threads} threads");
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void APartComputedAloneHasTheBitsOfTheWhole(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach ((GemmForm form, int m, int n, int k) in Paths)
        {
            using Operands operands = new(form, m, n, k);
            using GuardedMatrix whole = new(m, n);
            Gemm.Multiply(context, form, operands.A, operands.B, whole.View);
            foreach ((int row, int rows, int col, int cols) in new[] { (0, 1, 0, n), (3, 7, 5, 20), (1, m - 1, n - 3, 3), (m - 2, 2, 0, 1) })
            {
                using GuardedMatrix part = new(rows, cols);
                ReadOnlyMatrixView a = form == GemmForm.TN ? operands.A.SliceCols(row, rows) : operands.A.SliceRows(row, rows);
                ReadOnlyMatrixView b = form == GemmForm.NT ? operands.B.SliceRows(col, cols) : operands.B.SliceCols(col, cols);
                Gemm.Multiply(context, form, a, b, part.View);
                AssertSameBits(
                    whole.View.SliceRows(row, rows).SliceCols(col, cols), part.View, $"{form} {m} {n} {k} [{row}+{rows}, {col}+{cols}] at {width}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void LargeProductsPassFreivaldsCheck(SimdWidth width)
    {
        using KernelContext context = new(2, width);
        int scale = width == SimdLevel.Hardware ? 1 : 3;
        foreach ((GemmForm form, int m, int n, int k) in new[]
        {
            (GemmForm.NN, 700, 600, 900), (GemmForm.NT, 700, 600, 900), (GemmForm.TN, 700, 600, 900), (GemmForm.NT, 90, 1100, 1500),
        })
        {
            Freivalds(context, form, m / scale, n / scale, k / scale);
        }
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void TheEpilogueSeesEveryElementOnceWithItsColumn(SimdWidth width)
    {
        using KernelContext one = new(1, width), three = new(3, width);
        foreach (KernelContext context in new[] { one, three })
        {
            foreach ((GemmForm form, int m, int n, int k) in Paths.Concat([
                (GemmForm.NN, 1, 1, 1), (GemmForm.NN, 7, 17, 5), (GemmForm.NT, 13, 33, 7), (GemmForm.TN, 31, 65, 3), (GemmForm.NN, 5, 19, 0)]))
            {
                CheckEpilogue(context, form, m, n, k);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void NaNAndInfinitiesReachExactlyTheirRowsAndColumns(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (GemmForm form in new[] { GemmForm.NN, GemmForm.NT, GemmForm.TN })
        {
            using Operands operands = new(form, 40, 37, 21, (row, col) => 1 + ((row + col) % 3));
            Set(operands.A, form == GemmForm.TN, 5, 20, float.NaN);
            Set(operands.A, form == GemmForm.TN, 39, 0, float.PositiveInfinity);
            Set(operands.B, form == GemmForm.NT, 7, 36, float.NegativeInfinity);
            using GuardedMatrix c = new(40, 37);
            Gemm.Multiply(context, form, operands.A, operands.B, c.View);
            for (int row = 0; row < 40; row++)
            {
                for (int col = 0; col < 37; col++)
                {
                    float value = c.View[row, col];
                    string what = $"{form} [{row}, {col}] = {value} at {width}";
                    if (row == 5 || (row == 39 && col == 36)) Assert.True(float.IsNaN(value), what);
                    else if (row == 39) Assert.True(float.IsPositiveInfinity(value), what);
                    else if (col == 36) Assert.True(float.IsNegativeInfinity(value), what);
                    else Assert.True(float.IsFinite(value), what);
                }
            }
        }

        static void Set(MatrixView view, bool transposed, int row, int col, float value) =>
            view[transposed ? col : row, transposed ? row : col] = value;
    }

    [Theory]
    [MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void DenormalsAreKept(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        using GuardedMatrix a = new GuardedMatrix(9, 1).Fill((row, _) => (row + 1) * float.Epsilon);
        using GuardedMatrix b = new GuardedMatrix(1, 35).Fill((_, col) => col + 1);
        using GuardedMatrix c = new(9, 35);
        Gemm.Multiply(context, GemmForm.NN, a.View, b.View, c.View);
        for (int row = 0; row < 9; row++)
        {
            for (int col = 0; col < 35; col++) Assert.Equal((row + 1) * (col + 1) * float.Epsilon, c.View[row, col]);
        }
    }

    [Fact]
    public void ShapesThatDoNotFitThrowBeforeAnyWork()
    {
        using KernelContext context = new(1);
        float[] a = new float[6], b = new float[12], c = [1, 2, 3, 4, 5, 6, 7, 8];
        Assert.Throws<ArgumentException>(() => Gemm.Multiply(
            context, GemmForm.NN, new MatrixView(a, 2, 3), new MatrixView(b, 4, 3), new MatrixView(c, 2, 3)));
        Assert.Throws<ArgumentException>(() => Gemm.Multiply(
            context, GemmForm.NN, new MatrixView(a, 2, 3), new MatrixView(b, 3, 4), new MatrixView(c, 2, 3)));
        Assert.Throws<ArgumentException>(() => Gemm.Multiply(
            context, GemmForm.TN, new MatrixView(a, 2, 3), new MatrixView(b, 3, 4), new MatrixView(c, 2, 4)));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], c);
    }

    private static void Freivalds(KernelContext context, GemmForm form, int m, int n, int k)
    {
        using Operands operands = new(form, m, n, k);
        using GuardedMatrix c = new GuardedMatrix(m, n, gap: 5).Fill((_, _) => float.NaN);
        Gemm.Multiply(context, form, operands.A, operands.B, c.View);
        c.CheckGaps();
        // C·t = A·(B·t) for random t; a wrong element shows unless its weight in t is 0.
        Func<int, int, float> noise = Noise(9);
        double[] bt = new double[k];
        for (int p = 0; p < k; p++)
        {
            for (int j = 0; j < n; j++) bt[p] += noise(0, j) * (form == GemmForm.NT ? operands.B[j, p] : operands.B[p, j]);
        }
        for (int i = 0; i < m; i++)
        {
            double expected = 0, actual = 0;
            for (int p = 0; p < k; p++) expected += bt[p] * (form == GemmForm.TN ? operands.A[p, i] : operands.A[i, p]);
            for (int j = 0; j < n; j++) actual += (double)c.View[i, j] * noise(0, j);
            Assert.True(Math.Abs(expected - actual) < 1e-3, $"{form} {m} {n} {k} row {i}: {actual} is not {expected}");
        }
    }

    private static unsafe void CheckEpilogue(KernelContext context, GemmForm form, int m, int n, int k)
    {
        using Operands operands = new(form, m, n, k);
        using GuardedMatrix plain = new(m, n);
        using GuardedMatrix actual = new GuardedMatrix(m, n, gap: 3).Fill((_, _) => float.NaN);
        using GuardedMatrix bias = new GuardedMatrix(1, n).Fill(Noise(4));
        Gemm.Multiply(context, form, operands.A, operands.B, plain.View);
        for (int row = 0; row < m; row++)
        {
            for (int col = 0; col < n; col++) plain.View[row, col] = (plain.View[row, col] + bias.View[0, col]) * 2;
        }
        fixed (float* pointer = bias.View) Gemm.Multiply(context, form, operands.A, operands.B, actual.View, new DoubledBias(pointer));
        AssertSameBits(plain.View, actual.View, $"{form} {m} {n} {k}, {context.Team.Size} threads at {context.Width}");
        actual.CheckGaps();
    }

    // Applied twice, or to another column, it gives another value.
    private readonly unsafe struct DoubledBias(float* bias) : IGemmEpilogue
    {
        public TV Apply<TW, TV>(TV value, int column)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => TW.Multiply(TW.Add(value, TW.Load(bias + column)), TW.Broadcast(2));
    }
}
