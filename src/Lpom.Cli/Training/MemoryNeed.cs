using System.Globalization;
using Lpom.Cli.Options;

namespace Lpom.Cli.Training;

/// <summary>Refuses networks that the machine cannot hold, before anything is allocated.</summary>
internal static class MemoryNeed
{
    /// <summary>Copies of the weights: start, trainer, two snapshots, and the products of a step.</summary>
    private const long Copies = 5;

    /// <exception cref="BadInputException">A layer beyond an array's length, or more memory than there is.</exception>
    public static void Check(ReadOnlySpan<int> widths, int batch, string method)
    {
        long weights = 0, units = 0;
        for (int i = 0; i < widths.Length; i++)
        {
            units += widths[i];
            if (i == 0)
                continue;
            long layer = (long)widths[i] * widths[i - 1];
            if (layer > Array.MaxLength / 2)
                throw new BadInputException($"--layers: a layer of {widths[i - 1]} by {widths[i]} weights is too large; expected at most {Array.MaxLength / 2}");
            weights += layer;
        }

        // Besides weights: activations and targets of a batch, and the factors of the batch's Gram matrix.
        double need = sizeof(float) * (GramMatrices(widths, method) + (double)Copies * weights + 4.0 * units * batch + (double)batch * batch * widths.Length);
        double have = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (need > have)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"--layers: training {weights} weights needs about {need / (1 << 30):F1} GiB of memory; this machine has {have / (1 << 30):F1} GiB"));
    }

    // Streaming mode keeps that of every hidden layer, and one to factor.
    private static double GramMatrices(ReadOnlySpan<int> widths, string method)
    {
        if (method != TrainSettings.StreamingMethod)
            return 0;
        double sum = 0, widest = 0;
        foreach (int width in widths[1..^1])
        {
            if (Square(width) > Array.MaxLength / 2)
                throw new BadInputException($"--layers: a hidden layer of {width} units is too wide for --method {method}, which keeps a matrix of its inputs' products; give {TrainSettings.SgdMethod} or {TrainSettings.AdamMethod}, or a narrower layer");
            sum += Square(width);
            widest = Math.Max(widest, Square(width));
        }

        return sum + widest;
    }

    private static double Square(int width) => (width + 1.0) * (width + 1.0);
}
