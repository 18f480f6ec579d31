using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Dense;

public class PackedProductTests
{
    public static TheoryData<SimdWidth> AllWidths => Widths.All;

    [Theory, MemberData(nameof(AllWidths))]
    public void Every_size_around_a_panel_gives_the_bits_of_the_product_that_packs(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int m in new[] { 0, 1, 2, 5, 6, 7, 12, 13, 25 })
        {
            foreach (int n in Enumerable.Range(0, 35).Concat([47, 48, 49, 63, 64, 65, 127, 128, 129, 160, 161]))
            {
                foreach (int k in new[] { 1, 2, 17 }) Check(context, m, n, k);
            }
        }
    }

    [Theory, MemberData(nameof(AllWidths))]
    public void Depths_around_a_block_give_its_bits_too(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int k in new[] { 255, 256, 257, 512, 770 })
        {
            Check(context, 1, 145, k);
            Check(context, 13, 41, k);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public void The_bits_do_not_depend_on_the_number_of_threads(int m)
    {
        using KernelContext one = new(1), three = new(3);
        using Operands operands = new(GemmForm.NT, m, n: 1200, k: 1000);
        var packed = PackedMatrix.OfTransposed(operands.B);
        Matrix expected = new(m, 1200), actual = new(m, 1200);
        PackedProduct.Multiply(one, operands.A, packed, expected.View, default(IdentityEpilogue));
        PackedProduct.Multiply(three, operands.A, packed, actual.View, default(IdentityEpilogue));
        AssertSameBits(expected.View, actual.View);
    }

    [Theory, MemberData(nameof(AllWidths))]
    public void What_is_not_finite_spreads_as_in_the_plain_sum(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon })
        {
            Check(context, 1, 50, 9, (row, col) => row == 0 && col == 4 ? bad : 0.5f + row + col);
            Check(context, 3, 50, 9, (row, col) => row == 2 && col == 4 ? bad : 0.5f + row + col);
        }
    }

    // Zeros of A are skipped.
    [Theory, MemberData(nameof(AllWidths))]
    public void Rows_that_are_zeros_for_the_most_part_give_the_bits_of_the_whole_sum(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        Func<int, int, float> noise = DenseReference.Noise(2);
        foreach (int every in new[] { 1, 2, 3, 40, 10_000 })
        {
            foreach (int n in new[] { 1, 16, 33, 64, 129, 161 })
            {
                foreach (int k in new[] { 1, 15, 16, 17, 255, 256, 257, 513, 770 })
                    Check(context, 1, n, k, (row, col) => row > 0 || (col + 1) % every == 0 ? noise(row, col) : col % 2 == 0 ? 0f : -0f);
            }
        }
    }

    [Theory, MemberData(nameof(AllWidths))]
    public void NaN_among_zeros_reaches_every_column(SimdWidth width)
    {
        using KernelContext context = new(1, width);
        foreach (int at in new[] { 0, 15, 255, 256, 299 })
        {
            Matrix a = new(1, 300), c = new(1, 40);
            a.View[0, at] = float.NaN;
            PackedProduct.Multiply(context, a.View, PackedMatrix.OfTransposed(new Matrix(40, 300).View), c.View, default(IdentityEpilogue));
            Assert.All(c.View.Row(0).ToArray(), x => Assert.True(float.IsNaN(x)));
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using KernelContext context = new(1);
        var packed = PackedMatrix.OfTransposed(new Matrix(5, 4).View);
        Assert.Throws<ArgumentException>("c", () => PackedProduct.Multiply(context, new Matrix(2, 3).View, packed, new Matrix(2, 5).View, default(IdentityEpilogue)));
        Assert.Throws<ArgumentException>("c", () => PackedProduct.Multiply(context, new Matrix(2, 4).View, packed, new Matrix(2, 4).View, default(IdentityEpilogue)));
    }

    private static void Check(KernelContext context, int m, int n, int k, Func<int, int, float>? value = null)
    {
        using Operands operands = new(GemmForm.NT, m, n, k, value);
        using GuardedMatrix expected = new(m, n, gap: 1), actual = new GuardedMatrix(m, n, gap: 1).Fill((_, _) => float.NaN);
        UnaryEpilogue<Negative> epilogue = default;
        Gemm.Multiply(context, GemmForm.NT, operands.A, operands.B, expected.View, epilogue);
        PackedProduct.Multiply(context, operands.A, PackedMatrix.OfTransposed(operands.B), actual.View, epilogue);
        AssertSameBits(expected.View, actual.View);
        actual.CheckGaps();
    }

    private static void AssertSameBits(MatrixView expected, MatrixView actual)
    {
        for (int row = 0; row < expected.Rows; row++)
        {
            for (int col = 0; col < expected.Cols; col++)
                Assert.Equal(BitConverter.SingleToInt32Bits(expected[row, col]), BitConverter.SingleToInt32Bits(actual[row, col]));
        }
    }

    private readonly struct Negative : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => TW.Subtract(TW.Zero, x);
    }
}
