using System.Numerics.Tensors;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli.Reports;

/// <summary>Rows and weights as pictures.</summary>
internal static class Pictures
{
    // Below so many bytes of pictures a report stays small enough to send.
    private const int MostWeightBytes = 48_000, MostUnits = 48, Levels = 32;

    /// <summary>Blue for the most negative, white, red for the most positive; an odd number of colours, so that zero is white.</summary>
    private static readonly byte[] Diverging = MakeDiverging();

    /// <summary>An image row, as the data has it.</summary>
    /// <param name="row">[features], inputs as the network takes them; overwritten.</param>
    /// <param name="shape">Of the image.</param>
    /// <param name="preprocessing">How the inputs were made.</param>
    public static byte[] OfRow(Span<float> row, ImageShape shape, Preprocessing preprocessing)
    {
        preprocessing.Undo(row);
        // Bytes as they are; other values, such as 0 to 16 or −1 to 1, by their own range.
        float least = Math.Min(0, TensorPrimitives.Min<float>(row)), most = TensorPrimitives.Max<float>(row);
        float scale = least >= 0 && most is > 16 and <= byte.MaxValue ? 1 : byte.MaxValue / Math.Max(most - least, float.Epsilon);
        var pixels = new byte[row.Length];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Clamp(MathF.Round((row[i] - least) * scale), 0, byte.MaxValue);
        return Encode(pixels, shape);
    }

    /// <summary>The weights of the first layer's units with the largest, each unit by its own range.</summary>
    public static ImageGroup OfWeights(Network network, ImageShape shape)
    {
        Layer first = network.Layers[0];
        int most = Math.Clamp(MostWeightBytes / network.Inputs, 1, MostUnits);
        int[] units = [.. Enumerable.Range(0, first.Outputs).OrderByDescending(unit => TensorPrimitives.Norm(first.Weights.Row(unit))).Take(most).Order()];
        string colours = shape.Channels == 1 ? "blue is negative, white is zero, red is positive" : "grey is zero";
        string some = units.Length < first.Outputs ? $"The {units.Length} of {first.Outputs} units with the largest weights" : "Every unit";
        return new ImageGroup(
            "Weights of the first layer",
            $"{some}, each by its own range: {colours}.",
            Size(shape),
            [.. units.Select(unit => (OfUnit(first.Weights.Row(unit), shape), $"unit {unit + 1}", ""))]);
    }

    /// <summary>The shape of the images that a model takes, as far as its inputs tell: a square of grey, or of CIFAR-10's colours; null for a table's.</summary>
    public static ImageShape? ShapeOf(Network network)
    {
        const int leastSide = 8, colours = 3, cifarSide = 32;
        if (network.Metadata.ContainsKey("columns"))
            return null;
        if (network.Inputs == colours * cifarSide * cifarSide)
            return new ImageShape(colours, cifarSide, cifarSide);
        int side = (int)Math.Sqrt(network.Inputs);
        return side >= leastSide && side * side == network.Inputs ? new ImageShape(1, side, side) : null;
    }

    /// <summary>Edge on the page of an image of this shape.</summary>
    public static int Size(ImageShape shape) => Math.Clamp(2 * Math.Max(shape.Width, shape.Height), 56, 96);

    private static byte[] OfUnit(ReadOnlySpan<float> weights, ImageShape shape)
    {
        float largest = Math.Max(Math.Abs(TensorPrimitives.MaxMagnitude(weights)), float.Epsilon);
        var pixels = new byte[weights.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            float part = weights[i] / largest;
            pixels[i] = (byte)(shape.Channels == 1 ? Levels + MathF.Round(part * Levels) : MathF.Round((part + 1) * byte.MaxValue / 2));
        }

        return shape.Channels == 1 ? PngWriter.Encode(pixels, shape.Width, Diverging) : Encode(pixels, shape);
    }

    private static byte[] Encode(byte[] pixels, ImageShape shape)
    {
        if (shape.Channels == 1)
            return PngWriter.Encode(pixels, shape.Width);
        int area = shape.Width * shape.Height;
        var mixed = new byte[pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
            mixed[(i % area * shape.Channels) + (i / area)] = pixels[i];
        return PngWriter.EncodeColour(mixed, shape.Width);
    }

    private static byte[] MakeDiverging()
    {
        (double R, double G, double B) negative = (33, 102, 172), zero = (247, 247, 247), positive = (178, 24, 43);
        var palette = new byte[3 * ((2 * Levels) + 1)];
        for (int i = 0; i <= 2 * Levels; i++)
        {
            double part = Math.Abs(i - Levels) / (double)Levels;
            (double R, double G, double B) end = i < Levels ? negative : positive;
            palette[3 * i] = (byte)(zero.R + (part * (end.R - zero.R)));
            palette[(3 * i) + 1] = (byte)(zero.G + (part * (end.G - zero.G)));
            palette[(3 * i) + 2] = (byte)(zero.B + (part * (end.B - zero.B)));
        }

        return palette;
    }
}
