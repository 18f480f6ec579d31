using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Pointwise;

public sealed class ColumnMomentsTests
{
    public static TheoryData<SimdWidth> AllWidths => Widths.All;

    [Theory, MemberData(nameof(AllWidths))]
    public void Every_size_stays_within_its_memory_and_is_right(SimdWidth width)
    {
        foreach (int cols in Enumerable.Range(0, 35))
        {
            foreach (int rows in new[] { 0, 1, 5 })
            {
                float[] values = Floats.Random(rows * cols, 1), origin = Floats.Random(cols, 2);
                using GuardedBuffer x = new(values, atEnd: true), o = new(origin, atEnd: true);
                using GuardedBuffer lowest = new(new float[cols], atEnd: true), highest = new(new float[cols], atEnd: true);
                double[] sums = new double[cols], squares = new double[cols];
                ColumnMoments.Add(width, new MatrixView(x.Span, rows, cols), o.Span, sums, squares, lowest.Span, highest.Span);
                for (int c = 0; c < cols; c++)
                {
                    float[] column = [.. Enumerable.Range(0, rows).Select(r => values[(r * cols) + c] - origin[c])];
                    Assert.Equal(column.Sum(v => (double)v), sums[c], 1e-5);
                    Assert.Equal(column.Sum(v => (double)v * v), squares[c], 1e-5);
                    Assert.Equal(column.Append(0).Min(), lowest.Span[c]);
                    Assert.Equal(column.Append(0).Max(), highest.Span[c]);
                }
            }
        }
    }

    [Theory, MemberData(nameof(AllWidths))]
    public void A_bad_value_shows_in_the_sums_of_its_column(SimdWidth width)
    {
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            float[] values = Floats.Random(3 * 40, 1);
            values[40 + 37] = bad;
            double[] sums = new double[40], squares = new double[40];
            ColumnMoments.Add(width, new MatrixView(values, 3, 40), new float[40], sums, squares, new float[40], new float[40]);
            Assert.All(Enumerable.Range(0, 40), c => Assert.Equal(c != 37, double.IsFinite(sums[c]) && double.IsFinite(squares[c])));
        }
    }
}
