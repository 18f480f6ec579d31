using System.Globalization;
using Lpom.Cli.Options;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Distributed;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Cli.Training;

/// <summary>Refuses networks that the machine cannot hold, before anything is allocated.</summary>
internal static class MemoryNeed
{
    /// <summary>Networks that a run holds at the end of an epoch: the epoch's own and those of the two before.</summary>
    private const int LastNetworks = 3;

    /// <param name="settings">What to do.</param>
    /// <param name="widths">Inputs, hidden widths, outputs.</param>
    /// <param name="rows">Training rows.</param>
    /// <param name="epochs">At least 1.</param>
    /// <param name="blocks">Where ranks divide the layers; null for a process that has all.</param>
    /// <exception cref="BadInputException">A layer beyond an array's length, or more memory than there is.</exception>
    public static void Check(TrainSettings settings, ReadOnlySpan<int> widths, int rows, int epochs, LayerRanks? blocks = null)
    {
        // What the first rank brings together in the end; a layer of the start passes by every other.
        long whole = blocks is null ? 0 : blocks.HasFirstLayer ? Layers(widths).Sum() : Layers(widths).Max();
        // A layer of one input in front: a block's first layer has a Gram matrix as others have.
        int[] ofBlock = blocks is null ? [] : blocks.HasFirstLayer ? [.. blocks.BlockWidths] : [1, .. blocks.BlockWidths];
        if (blocks is not null)
            widths = ofBlock;
        long[] layers = Layers(widths);
        int batch = Math.Min(settings.Batch, rows);
        CheckBatch(settings.Method, widths, batch);
        int workers = settings.Parallelism switch
        {
            Parallelism.Rows => settings.Threads,
            Parallelism.Synchronous => Math.Min(StreamingTrainer.SynchronousBlocks, layers.Length),
            Parallelism.Asynchronous => Math.Min(settings.Threads, layers.Length),
            _ => 1,
        };
        int inFlight = settings.Parallelism is Parallelism.Synchronous or Parallelism.Asynchronous ? workers : blocks?.Ranks.Size ?? 1;
        double need = sizeof(float) * (
            (WeightCopies(settings, epochs) * layers.Sum())
            + Temporaries(settings.Method, layers, widths, batch, workers)
            + (inFlight * Activations(settings.Method, widths, batch))
            + GramMatrices(settings.Method, widths, batch, workers)
            + whole);
        CheckMemory($"training {layers.Sum()} weights", need);
    }

    /// <param name="widths">Inputs, hidden widths, outputs.</param>
    /// <param name="bytes">That a weight takes in all networks that predict.</param>
    /// <exception cref="BadInputException">A layer beyond an array's length, or more memory than there is.</exception>
    public static void CheckPrediction(ReadOnlySpan<int> widths, int bytes)
    {
        long weights = Layers(widths).Sum();
        CheckMemory($"predicting with {weights} weights", (double)weights * bytes);
    }

    private static void CheckMemory(string work, double need)
    {
        double have = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (need > have)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"--layers: {work} needs about {need / (1 << 30):F1} GiB of memory; this machine has {have / (1 << 30):F1} GiB"));
    }

    /// <summary>The weights of each layer.</summary>
    private static long[] Layers(ReadOnlySpan<int> widths)
    {
        long[] layers = new long[widths.Length - 1];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = (long)widths[i] * widths[i + 1];
            if (layers[i] > Array.MaxLength / 2)
                throw new BadInputException($"--layers: a layer of {widths[i]} by {widths[i + 1]} weights is too large; expected at most {Array.MaxLength / 2}");
        }

        return layers;
    }

    private static void CheckBatch(string method, ReadOnlySpan<int> widths, int batch)
    {
        int widest = widths.ToArray().Max();
        bool fits = Fits(batch, widest) && method switch
        {
            TrainSettings.StreamingMethod => Fits(2L * Products(widths, batch), Products(widths, batch)),
            TrainSettings.PaperMethod => Fits(Math.Min(batch, widest), Math.Min(batch, widest)),
            _ => true,
        };
        if (!fits)
            throw new BadInputException($"--batch {batch}: a batch's matrices are too large for --method {method} and layers of up to {widest} units; give a smaller batch");
    }

    // The library's matrices have rows of up to 32 floats more than columns.
    private static bool Fits(long rows, long cols) => rows * (cols + 32) <= Array.MaxLength;

    /// <summary>Matrices of the size of all weights: the start's, the trainer's, velocity and squares of the steps, the average, the networks of the last epochs and of the best.</summary>
    private static double WeightCopies(TrainSettings settings, int epochs)
    {
        int moments = settings.Method switch
        {
            TrainSettings.PaperMethod => 0,
            TrainSettings.AdamMethod => 2,
            _ => 1,
        };
        bool keepsBest = settings.Patience is not null && epochs > LastNetworks;
        return 2 + moments + Math.Min(epochs, LastNetworks) + (settings.AveragedPart > 0 ? 1 : 0) + (keepsBest ? 1 : 0);
    }

    /// <summary>The gradient of one layer after the other, for each worker that does whole layers (in paper mode each layer's own, of batches larger than its inputs); the first layer twice while the scaling is folded into it.</summary>
    private static double Temporaries(string method, long[] layers, ReadOnlySpan<int> widths, int batch, int workers)
    {
        if (method != TrainSettings.PaperMethod)
            return ((double)workers * layers.Max()) + (2.0 * layers[0]);
        double sum = 0;
        for (int i = 0; i < layers.Length; i++)
            sum += batch > widths[i] ? layers[i] : 0;
        return sum;
    }

    /// <summary>Inputs, products, deviations and targets of a batch; in paper mode also what the guard averages.</summary>
    private static double Activations(string method, ReadOnlySpan<int> widths, int batch) =>
        (method == TrainSettings.PaperMethod ? 5.0 : 4.0) * batch * widths.ToArray().Sum(width => (double)width);

    /// <summary>
    /// Paper mode keeps that of the batch, of each layer. Streaming mode keeps that of every hidden layer, and for each worker one
    /// to factor and two products of samples by samples.
    /// </summary>
    private static double GramMatrices(string method, ReadOnlySpan<int> widths, int batch, int workers)
    {
        double sum = 0, widest = 0;
        if (method == TrainSettings.PaperMethod)
        {
            foreach (int width in widths[..^1])
                sum += Math.Pow(Math.Min(width, batch), 2);
        }

        if (method != TrainSettings.StreamingMethod)
            return sum;
        foreach (int width in widths[1..^1])
        {
            if (Square(width) > Array.MaxLength / 2)
                throw new BadInputException($"--layers: a hidden layer of {width} units is too wide for --method {method}, which keeps a matrix of its inputs' products; give {TrainSettings.SgdMethod} or {TrainSettings.AdamMethod}, or a narrower layer");
            sum += Square(width);
            widest = Math.Max(widest, Square(width));
        }

        return sum + (workers * (widest + (2 * Math.Pow(Products(widths, batch), 2))));
    }

    /// <summary>The samples whose products with one another streaming mode makes, of layers behind the first that are wider than the batch.</summary>
    private static int Products(ReadOnlySpan<int> widths, int batch) =>
        widths.Length == 2 ? 0 : Math.Min(batch, widths[2..].ToArray().Max() - 1);

    private static double Square(int width) => (width + 1.0) * (width + 1.0);
}
