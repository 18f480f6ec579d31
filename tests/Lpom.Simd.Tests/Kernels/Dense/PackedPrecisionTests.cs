using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Dense;

public class PackedPrecisionTests
{
    public static TheoryData<SimdWidth, WeightPrecision> WidthsAndPrecisions
    {
        get
        {
            TheoryData<SimdWidth, WeightPrecision> data = [];
            foreach (SimdWidth width in Widths.List)
            {
                data.Add(width, WeightPrecision.BFloat16);
                data.Add(width, WeightPrecision.Int8);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(WidthsAndPrecisions))]
    public void Every_size_around_a_panel_is_the_product_with_the_rounded_weights(SimdWidth width, WeightPrecision precision)
    {
        using KernelContext context = new(1, width), scalar = new(1, SimdWidth.Scalar);
        foreach (int m in new[] { 1, 2, 7, 21, 130 })
        {
            foreach (int n in new[] { 1, 3, 4, 15, 16, 17, 31, 32, 33, 48, 64, 127, 128, 145 })
            {
                foreach (int k in new[] { 1, 17, 258, 545 }) Check(context, scalar, m, n, k, precision);
            }
        }
    }

    [Theory]
    [InlineData(1f, 1f)]
    [InlineData(1.00390625f, 1f)]
    [InlineData(1.01171875f, 1.015625f)]
    [InlineData(-3.4028235e38f, -3.3895314e38f)]
    [InlineData(1e-45f, 0f)]
    public void Bfloat16_is_the_nearest_even_and_never_infinite(float weight, float rounded) =>
        Assert.Equal(rounded, Rounded(WeightPrecision.BFloat16, weight)[0]);

    [Fact]
    public void Int8_keeps_the_largest_weight_of_a_row_and_rounds_others_to_its_127th_part()
    {
        float[] weights = [1.27f, -0.004f, 0.0149f, -0.6f], rounded = Rounded(WeightPrecision.Int8, weights);
        Assert.Equal(1.27f, rounded[0], 1e-6f);
        Assert.All(Enumerable.Range(0, 4), i => Assert.InRange(Math.Abs(rounded[i] - weights[i]), 0, 0.00501f));
        Assert.Equal([0f, 0f], Rounded(WeightPrecision.Int8, 0f, 0f));
        Assert.All(Rounded(WeightPrecision.Int8, 1e-45f, -1e-44f), x => Assert.True(float.IsFinite(x)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(1055)]
    public void Int8_adds_products_of_rounded_rows_exactly(int k)
    {
        const int m = 5, n = 37;
        using KernelContext context = new(1);
        using Operands operands = new(GemmForm.NT, m, n, k);
        PackedMatrix packed = PackedMatrix.OfTransposed(operands.B, WeightPrecision.Int8);
        Matrix weights = packed.ToTransposed(), actual = new(m, n);
        PackedProduct.Multiply(context, operands.A, packed, actual.View, default(IdentityEpilogue));
        for (int row = 0; row < m; row++)
        {
            for (int col = 0; col < n; col++)
            {
                float scale = packed.Scales[col], expected = 0;
                for (int depth = 0; depth < k; depth += 512)
                {
                    float[] terms = [.. Enumerable.Range(depth, Math.Min(512, k - depth)).Select(term => operands.A[row, term])];
                    float largest = terms.Max(Math.Abs), inverse = 32767 / largest;
                    long sum = terms.Select((term, i) => (long)MathF.Round(term * inverse) * (long)MathF.Round(weights.View[col, depth + i] / scale)).Sum();
                    expected = depth == 0 ? sum * (largest / 32767) : (sum * (largest / 32767)) + expected;
                }
                Assert.Equal(expected * scale, actual.View[row, col]);
            }
        }
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Int8_of_the_largest_numbers_neither_overflows_nor_loses_what_is_not_finite(SimdWidth width)
    {
        const int k = 700, n = 40;
        using KernelContext context = new(1, width);
        using Operands operands = new(GemmForm.NT, 6, n, k, (row, col) => row % 2 == 0 ? 1 : -1);
        operands.A.Row(0).Fill(1e30f);
        operands.A.Row(2)[650] = float.NaN;
        operands.A.Row(3)[3] = float.NegativeInfinity;
        operands.A.Row(4).Fill(1e-44f);
        operands.A.Row(5).Clear();
        PackedMatrix packed = PackedMatrix.OfTransposed(operands.B, WeightPrecision.Int8);
        Matrix actual = new(6, n);
        PackedProduct.Multiply(context, operands.A, packed, actual.View, default(IdentityEpilogue));
        for (int col = 0; col < n; col++)
        {
            float sign = col % 2 == 0 ? 1 : -1;
            Assert.Equal(sign * 1e30f * k, actual.View[0, col], 1e28f);
            Assert.Equal(-sign * k, actual.View[1, col], 1e-2f);
            Assert.Equal(float.NaN, actual.View[2, col]);
            Assert.Equal(float.NaN, actual.View[3, col]);
            Assert.Equal(0, actual.View[4, col], 1e-30f);
            Assert.Equal(0, actual.View[5, col]);
        }
    }

    // Alone, a row skips its zeros.
    [Theory, MemberData(nameof(WidthsAndPrecisions))]
    public void Rows_of_zeros_for_the_most_part_give_the_same_alone_as_among_others(SimdWidth width, WeightPrecision precision)
    {
        const int m = 8;
        using KernelContext context = new(1, width);
        Func<int, int, float> noise = DenseReference.Noise(3);
        foreach (int every in new[] { 1, 2, 3, 40, 10_000 })
        {
            foreach (int k in new[] { 1, 16, 17, 255, 257, 511, 513, 1025 })
            {
                const int n = 145;
                using Operands operands = new(GemmForm.NT, m, n, k);
                for (int i = 0; i < m * k; i++) operands.A[i / k, i % k] = (i + 1) % every == 0 ? noise(i / k, i % k) : i % 2 == 0 ? 0f : -0f;
                PackedMatrix packed = PackedMatrix.OfTransposed(operands.B, precision);
                Matrix together = new(m, n), alone = new(1, n);
                PackedProduct.Multiply(context, operands.A, packed, together.View, default(IdentityEpilogue));
                for (int row = 0; row < m; row++)
                {
                    PackedProduct.Multiply(context, operands.A.SliceRows(row, 1), packed, alone.View, default(IdentityEpilogue));
                    Bits.AssertSame(together.View.Row(row), alone.View.Row(0), $"row {row} of {k} terms, one in {every}");
                }
            }
        }
    }

    // Room for a whole panel would take 32 times a narrow layer's memory, and its size overflow for the widest.
    [Theory]
    [InlineData(WeightPrecision.BFloat16)]
    [InlineData(WeightPrecision.Int8)]
    public void Packing_takes_little_memory_beside_the_matrix_however_many_terms_it_has(WeightPrecision precision)
    {
        const int terms = (1 << 20) + 3;
        var row = new Matrix(1, terms);
        for (int i = 0; i < terms; i++) row.View[0, i] = (i % 255) - 127;
        long before = GC.GetAllocatedBytesForCurrentThread();
        PackedMatrix packed = PackedMatrix.OfTransposed(row.View, precision);
        long panel = 32L * terms * (precision == WeightPrecision.Int8 ? 1 : 2);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, panel, panel + (1 << 20));
        Bits.AssertSame(row.View.Row(0), packed.ToTransposed().View.Row(0), "whole numbers up to 127 are kept");
    }

    private static float[] Rounded(WeightPrecision precision, params float[] weights)
    {
        var row = new Matrix(1, weights.Length);
        weights.CopyTo(row.View.Row(0));
        return PackedMatrix.OfTransposed(row.View, precision).ToTransposed().View.Row(0).ToArray();
    }

    // In float32 of integers times a scale the product rounds in other places: close; the same at every width.
    private static void Check(KernelContext context, KernelContext scalar, int m, int n, int k, WeightPrecision precision)
    {
        using Operands operands = new(GemmForm.NT, m, n, k);
        using GuardedMatrix actual = new GuardedMatrix(m, n, gap: 1).Fill((_, _) => float.NaN);
        PackedMatrix packed = PackedMatrix.OfTransposed(operands.B, precision);
        Matrix rounded = packed.ToTransposed(), expected = new(m, n), byScalar = new(m, n);
        Gemm.Multiply(scalar, GemmForm.NT, operands.A, rounded.View, expected.View);
        PackedProduct.Multiply(scalar, operands.A, packed, byScalar.View, default(IdentityEpilogue));
        PackedProduct.Multiply(context, operands.A, packed, actual.View, default(IdentityEpilogue));
        actual.CheckGaps();
        for (int row = 0; row < m; row++)
        {
            for (int col = 0; col < n; col++)
            {
                Assert.Equal(expected.View[row, col], actual.View[row, col], 1e-5f * k);
                Assert.Equal(BitConverter.SingleToInt32Bits(byScalar.View[row, col]), BitConverter.SingleToInt32Bits(actual.View[row, col]));
            }
        }
    }
}
