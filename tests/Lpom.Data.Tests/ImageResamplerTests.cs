namespace Lpom.Data.Tests;

public sealed class ImageResamplerTests
{
    [Theory]
    [InlineData(new byte[] { 10, 20, 30, 40 }, 2, new byte[] { 15, 35 })]
    [InlineData(new byte[] { 0, 90, 180 }, 2, new byte[] { 30, 150 })]
    [InlineData(new byte[] { 0, 100 }, 4, new byte[] { 0, 25, 75, 100 })]
    [InlineData(new byte[] { 7 }, 3, new byte[] { 7, 7, 7 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255 }, 3, new byte[] { 255, 255, 255 })]
    public void Means_of_areas_down_and_lines_up(byte[] from, int size, byte[] to)
    {
        var row = new PngImage(new ImageShape(1, 1, from.Length), from);
        Assert.Equal(to, ImageResampler.Resize(row, new ImageSize(size, 1)).Pixels.ToArray());
        var column = new PngImage(new ImageShape(1, from.Length, 1), from);
        Assert.Equal(to, ImageResampler.Resize(column, new ImageSize(1, size)).Pixels.ToArray());
    }

    [Fact]
    public void Each_channel_by_itself_and_each_axis_its_way()
    {
        var image = new PngImage(new ImageShape(3, 2, 1), [0, 100, 10, 20, 200, 201]);
        PngImage resized = ImageResampler.Resize(image, new ImageSize(2, 1));
        Assert.Equal(new ImageShape(3, 1, 2), resized.Shape);
        Assert.Equal([50, 50, 15, 15, 201, 201], resized.Pixels.ToArray());
        Assert.Same(image, ImageResampler.Resize(image, new ImageSize(1, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageResampler.Resize(image, new ImageSize(0, 1)));
    }

    [Fact]
    public void Sizes_are_written_as_they_are_read()
    {
        Assert.True(ImageSize.TryParse("28x20", out ImageSize size));
        Assert.Equal(("28x20", 28, 20), (size.ToString(), size.Width, size.Height));
        Assert.All(["", "28", "28x", "0x1", "1x4097", "-1x2", "28X20", "1x2x3", " 1x2"], text => Assert.False(ImageSize.TryParse(text, out _)));
        Assert.False(ImageSize.TryParse(null, out _));
    }
}
