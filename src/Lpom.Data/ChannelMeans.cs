using System.Runtime.Intrinsics;

namespace Lpom.Data;

/// <summary>Mean of raw / 255 of each channel of colour images: exact integer sums, one rounding.</summary>
internal static class ChannelMeans
{
    // 4096 bytes put 256 in each of 16 lanes: at most 256 · 255, below 2¹⁶.
    private const int Block = 4096;

    /// <summary>Inputs of images: pixels / 255, of colour ones less their channels' means over the training part.</summary>
    /// <param name="pixels">Of all rows.</param>
    /// <param name="shape">Of a row.</param>
    /// <param name="train">The training part.</param>
    public static Preprocessing PreprocessingOf(ReadOnlySpan<byte> pixels, ImageShape shape, DataView train)
    {
        if (shape.Channels == 1)
            return Preprocessing.UnitPixels;
        int plane = shape.Height * shape.Width, features = shape.Channels * plane;
        Span<long> sums = stackalloc long[shape.Channels];
        sums.Clear();
        for (int row = 0; row < train.Rows; row++)
        {
            ReadOnlySpan<byte> image = pixels.Slice(train.StorageRow(row) * features, features);
            for (int channel = 0; channel < sums.Length; channel++)
                sums[channel] += Sum(image.Slice(channel * plane, plane));
        }

        var means = new float[shape.Channels];
        for (int channel = 0; channel < means.Length; channel++)
            means[channel] = (float)(sums[channel] / ((double)train.Rows * plane) / 255.0);
        return new Preprocessing(1f / 255f, means);
    }

    private static long Sum(ReadOnlySpan<byte> plane)
    {
        long sum = 0;
        for (; plane.Length > Block; plane = plane[Block..])
            sum += SumBlock(plane[..Block]);
        return sum + SumBlock(plane);
    }

    private static uint SumBlock(ReadOnlySpan<byte> block)
    {
        var sums = Vector256<ushort>.Zero;
        int i = 0;
        for (; i + Vector256<byte>.Count <= block.Length; i += Vector256<byte>.Count)
        {
            (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.Create(block.Slice(i, Vector256<byte>.Count)));
            sums += low + high;
        }

        (Vector256<uint> a, Vector256<uint> b) = Vector256.Widen(sums);
        uint sum = Vector256.Sum(a + b);
        for (; i < block.Length; i++)
            sum += block[i];
        return sum;
    }
}
