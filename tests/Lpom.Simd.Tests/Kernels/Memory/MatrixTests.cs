using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Tests.Kernels.Memory;

public sealed class MatrixTests
{
    [Theory]
    [InlineData(3, 16)]
    [InlineData(3, 17)]
    [InlineData(2, 256)]
    [InlineData(2, 1024)]
    [InlineData(2, 2048)]
    public unsafe void Rows_are_zero_start_on_cache_lines_and_avoid_conflicting_strides(int rows, int cols)
    {
        Matrix matrix = new(rows, cols);
        Assert.Equal(0, matrix.Stride % 16);
        Assert.InRange(matrix.Stride, cols, cols + 31);
        Assert.True(cols < 256 || matrix.Stride % 256 != 0);
        for (int row = 0; row < rows; row++)
        {
            Assert.True(matrix.View.Row(row).IndexOfAnyExcept(0f) < 0);
            fixed (float* start = matrix.View.Row(row)) Assert.Equal(0, (nint)start % AlignedBuffer.Alignment);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(3, 4)]
    [InlineData(10, 16)]
    public void Short_rows_pack_close(int cols, int stride) => Assert.Equal(stride, new Matrix(5, cols).Stride);

    [Fact]
    public void Its_top_rows_share_its_memory()
    {
        Matrix matrix = new(4, 3);
        matrix.Top(2)[1, 2] = 5f;
        Assert.Equal(5f, matrix.View[1, 2]);
        Assert.Equal(2, matrix.Top(2).Rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Top(5).Rows);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(1, -1)]
    [InlineData(100_000, 100_000)]
    public void An_impossible_size_is_refused(int rows, int cols) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Matrix(rows, cols));
}
