namespace Lpom.Data;

/// <summary>Brings images to another size, each axis by itself: the mean of the area where it shrinks, linear between pixels where it grows.</summary>
/// <remarks>Products and sums in float64 in a fixed order: the same bytes on every machine.</remarks>
public static class ImageResampler
{
    /// <summary>An image of that size; proportions are not kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    public static PngImage Resize(PngImage image, ImageSize size)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (size is not { Width: >= 1, Height: >= 1 })
            throw new ArgumentOutOfRangeException(nameof(size), size, "Expected sides of at least 1.");
        ImageShape from = image.Shape, to = new(from.Channels, size.Height, size.Width);
        if (from == to)
            return image;
        Tap[][] columns = TapsOf(from.Width, to.Width), rows = TapsOf(from.Height, to.Height);
        var pixels = new byte[to.Channels * to.Height * to.Width];
        var wide = new double[from.Height * to.Width];
        for (int channel = 0; channel < to.Channels; channel++)
        {
            ReadOnlySpan<byte> plane = image.Pixels.Slice(channel * from.Height * from.Width, from.Height * from.Width);
            for (int i = 0; i < wide.Length; i++)
                wide[i] = Mix(plane.Slice(i / to.Width * from.Width, from.Width), columns[i % to.Width]);
            Span<byte> target = pixels.AsSpan(channel * to.Height * to.Width, to.Height * to.Width);
            for (int i = 0; i < target.Length; i++)
                target[i] = (byte)(Mix(wide.AsSpan(i % to.Width), to.Width, rows[i / to.Width]) + 0.5);
        }

        return new PngImage(to, pixels);
    }

    /// <summary>A pixel's part of a new one.</summary>
    private readonly record struct Tap(int At, double Weight);

    private static double Mix(ReadOnlySpan<byte> row, Tap[] taps)
    {
        double sum = 0;
        foreach (Tap tap in taps)
            sum += row[tap.At] * tap.Weight;
        return sum;
    }

    private static double Mix(ReadOnlySpan<double> column, int stride, Tap[] taps)
    {
        double sum = 0;
        foreach (Tap tap in taps)
            sum += column[tap.At * stride] * tap.Weight;
        return sum;
    }

    private static Tap[][] TapsOf(int from, int to)
    {
        var taps = new Tap[to][];
        for (int i = 0; i < to; i++)
            taps[i] = to > from ? Between(i, from, to) : Area(i, from, to);
        return taps;
    }

    private static Tap[] Area(int i, int from, int to)
    {
        // In units of 1/to of an old pixel, all is whole.
        long start = (long)i * from, end = start + from;
        int first = (int)(start / to), last = (int)((end - 1) / to);
        var taps = new Tap[last - first + 1];
        for (int at = first; at <= last; at++)
        {
            long overlap = Math.Min(end, (at + 1L) * to) - Math.Max(start, (long)at * to);
            taps[at - first] = new Tap(at, (double)overlap / from);
        }

        return taps;
    }

    private static Tap[] Between(int i, int from, int to)
    {
        double centre = Math.Clamp(((i + 0.5) * from / to) - 0.5, 0, from - 1);
        int at = (int)centre;
        double part = centre - at;
        return part == 0 ? [new Tap(at, 1)] : [new Tap(at, 1 - part), new Tap(at + 1, part)];
    }
}
