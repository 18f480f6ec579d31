using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json;
using Lpom.Simd.Model;

namespace Lpom.Cli;

/// <summary>The weights of a layer in figures.</summary>
/// <param name="Least">The least weight.</param>
/// <param name="Most">The largest.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Rms">Their root mean square.</param>
/// <param name="Norm">In the Frobenius norm.</param>
/// <param name="Zeros">Part of them that is zero.</param>
/// <param name="SilentUnits">Units without a weight that is not zero.</param>
internal sealed record LayerStatistics(float Least, float Most, double Mean, double Rms, double Norm, double Zeros, int SilentUnits)
{
    /// <summary>Header of a table of layers.</summary>
    public static readonly string[] Columns = ["layer", "units", "activation", "weights", "least", "most", "mean", "rms", "norm", "zeros", "silent units"];

    public static LayerStatistics Of(Layer layer)
    {
        (float least, float most) = (float.PositiveInfinity, float.NegativeInfinity);
        double sum = 0, squares = 0;
        long zeros = 0;
        int silent = 0;
        for (int unit = 0; unit < layer.Outputs; unit++)
        {
            ReadOnlySpan<float> weights = layer.Weights.Row(unit);
            (least, most) = (Math.Min(least, TensorPrimitives.Min(weights)), Math.Max(most, TensorPrimitives.Max(weights)));
            sum += TensorPrimitives.Sum(weights);
            squares += TensorPrimitives.SumOfSquares(weights);
            int none = weights.Count(0f);
            zeros += none;
            silent += none == weights.Length ? 1 : 0;
        }

        double count = (double)layer.Inputs * layer.Outputs;
        return new LayerStatistics(least, most, sum / count, Math.Sqrt(squares / count), Math.Sqrt(squares), zeros / count, silent);
    }

    /// <summary>A row of the table.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="number">From 1.</param>
    public IReadOnlyList<string> Row(Layer layer, int number) =>
    [
        Text($"{number}"), Text($"{layer.Outputs}"), layer.Activation.Name, Text($"{(long)layer.Inputs * layer.Outputs:N0}"),
        Text($"{Least:G4}"), Text($"{Most:G4}"), Text($"{Mean:G3}"), Text($"{Rms:G4}"), Text($"{Norm:G4}"), Text($"{100 * Zeros:0.##} %"), Text($"{SilentUnits}"),
    ];

    public void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("least", Least);
        json.WriteNumber("most", Most);
        json.WriteNumber("mean", Mean);
        json.WriteNumber("rms", Rms);
        json.WriteNumber("norm", Norm);
        json.WriteNumber("zeros", Zeros);
        json.WriteNumber("silentUnits", SilentUnits);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
