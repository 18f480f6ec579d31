using System.Globalization;

namespace Lpom.Bench.Scaling;

/// <summary>The size of one layer of a network whose costs are modelled.</summary>
/// <param name="Inputs">in.</param>
/// <param name="Outputs">out.</param>
internal readonly record struct LayerSize(int Inputs, int Outputs)
{
    private const int MaxWidth = 1 << 20;

    /// <summary>in·out.</summary>
    public double Weights => (double)Inputs * Outputs;

    /// <summary>Reads widths such as 784-300-10; null when they are not at least two whole numbers from 1.</summary>
    public static LayerSize[]? Parse(string? layers)
    {
        string[] parts = (layers ?? "").Split('-');
        int[] widths = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out widths[i]) || widths[i] is 0 or > MaxWidth) return null;
        }
        return widths.Length < 2 ? null : Chain(widths);
    }

    /// <summary>A network of 784 inputs, some hidden layers of one width and 10 outputs.</summary>
    /// <param name="depth">Hidden layers.</param>
    /// <param name="width">Units of each.</param>
    public static LayerSize[] Deep(int depth, int width) => Chain([784, .. Enumerable.Repeat(width, depth), 10]);

    /// <summary>The layers between so many widths.</summary>
    public static LayerSize[] Chain(int[] widths) => [.. widths.Skip(1).Select((outputs, i) => new LayerSize(widths[i], outputs))];
}
