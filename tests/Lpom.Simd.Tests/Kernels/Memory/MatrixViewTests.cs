using CommunityToolkit.HighPerformance;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Tests.Kernels.Memory;

public sealed class MatrixViewTests
{
    [Fact]
    public void Elements_rows_and_slices_stand_where_the_stride_says()
    {
        float[] data = [.. Enumerable.Range(0, 20).Select(i => (float)i)];
        MatrixView view = new(data, 4, 3, 5);
        Assert.False(view.IsDense);
        Assert.Equal(12f, view[2, 2]);
        Assert.Equal([5f, 6f, 7f], view.Row(1).ToArray());
        MatrixView inner = view.SliceRows(1, 2).SliceCols(1, 2);
        Assert.Equal((2, 2, 5), (inner.Rows, inner.Cols, inner.Stride));
        inner[1, 1] = -1f;
        Assert.Equal(-1f, data[12]);
        ReadOnlyMatrixView read = view;
        Assert.Equal(-1f, read.SliceRows(2, 1).SliceCols(2, 1)[0, 0]);
    }

    [Fact]
    public void A_dense_view_is_flat_and_a_gap_is_not()
    {
        float[] data = [1, 2, 3, 4, 5, 6];
        Assert.Equal(data, new MatrixView(data, 2, 3).Flat.ToArray());
        Assert.Equal([1f, 2f], new ReadOnlyMatrixView(data, 1, 2, 3).Flat.ToArray());
        Assert.Throws<InvalidOperationException>(() => new MatrixView(data, 2, 2, 3).Flat.Length);
        Assert.Throws<InvalidOperationException>(() => new ReadOnlyMatrixView(data, 2, 2, 3).Flat.Length);
    }

    [Fact]
    public void The_last_row_needs_no_gap_after_it() => Assert.Equal(4f, new MatrixView(new float[] { 1, 2, 3, 4 }, 2, 1, 3)[1, 0]);

    [Theory]
    [InlineData(6, 2, 4, 4)]
    [InlineData(6, 2, 3, 4)]
    [InlineData(6, -1, 3, 3)]
    [InlineData(6, 2, -3, 3)]
    [InlineData(6, 2, 3, 2)]
    [InlineData(6, int.MaxValue, int.MaxValue, int.MaxValue)]
    public void A_shape_that_the_memory_lacks_is_refused(int length, int rows, int cols, int stride)
    {
        float[] data = new float[length];
        Assert.ThrowsAny<ArgumentException>(() => new MatrixView(data, rows, cols, stride).Rows);
        Assert.ThrowsAny<ArgumentException>(() => new ReadOnlyMatrixView(data, rows, cols, stride).Rows);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 3)]
    [InlineData(2, 1)]
    [InlineData(0, -1)]
    [InlineData(1, int.MaxValue)]
    public void A_slice_outside_of_the_matrix_is_refused(int first, int count)
    {
        float[] data = new float[4];
        Assert.Throws<ArgumentOutOfRangeException>(() => new MatrixView(data, 2, 2).SliceRows(first, count).Rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MatrixView(data, 2, 2).SliceCols(first, count).Rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadOnlyMatrixView(data, 2, 2).SliceRows(first, count).Rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReadOnlyMatrixView(data, 2, 2).SliceCols(first, count).Rows);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(2, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 2)]
    public void An_element_outside_of_the_matrix_is_refused(int row, int col)
    {
        float[] data = new float[4];
        Assert.ThrowsAny<Exception>(() => new MatrixView(data, 2, 2)[row, col]);
        Assert.ThrowsAny<Exception>(() => new ReadOnlyMatrixView(data, 2, 2)[row, col]);
    }

    [Fact]
    public void Empty_matrices_are_fine()
    {
        Assert.Equal(0, new MatrixView([], 0, 5).Flat.Length);
        Assert.Equal(0, new MatrixView([], 3, 0).Flat.Length);
        Assert.True(default(MatrixView).IsDense);
    }

    [Fact]
    public void A_two_dimensional_array_is_viewed_in_place()
    {
        float[,] array = { { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 } };
        ReadOnlyMatrixView whole = new ReadOnlySpan2D<float>(array);
        Assert.Equal([4f, 5f, 6f], whole.Row(1));
        ReadOnlyMatrixView part = new ReadOnlySpan2D<float>(array)[1..3, 1..3];
        Assert.Equal((2, 2, 3), (part.Rows, part.Cols, part.Stride));
        Assert.Equal([8f, 9f], part.Row(1));
        array[2, 2] = 10;
        Assert.Equal(10f, part[1, 1]);
        ReadOnlyMatrixView empty = new ReadOnlySpan2D<float>(new float[0, 3]);
        Assert.Equal(0, empty.Rows);
    }
}
