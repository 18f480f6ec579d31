using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>A batch in flight: its own activations of every layer, on weights and metrics that all slots share. Allocated once.</summary>
internal sealed class BatchSlot
{
    private readonly StreamingLayer[] _layers;
    private readonly Matrix _targets;
    private readonly Matrix _smoothed;

    /// <param name="layers">Of the trainer, whose activations the first slot uses.</param>
    /// <param name="isFirst">Whether it is the first.</param>
    /// <param name="maxBatch">The most samples.</param>
    public BatchSlot(StreamingLayer[] layers, bool isFirst, int maxBatch)
    {
        _layers = isFirst ? layers : [.. layers.Select(layer => new StreamingLayer(layer, maxBatch))];
        _targets = new Matrix(maxBatch, layers[^1].Outputs);
        _smoothed = new Matrix(maxBatch, layers[^1].Outputs);
        Residuals = new double[layers.Length];
        Found = new Divergence[layers.Length];
    }

    /// <summary>Samples.</summary>
    public int Rows { get; private set; }

    /// <summary>The step's number, from 0, since the start.</summary>
    public int Step { get; private set; }

    /// <summary>The schedule's s.</summary>
    public float Scale { get; private set; }

    /// <summary>Whether the inverses are made anew with this batch.</summary>
    public bool Refreshes { get; private set; }

    /// <summary>Half the mean square norm of a sample's targets.</summary>
    public double TargetSize { get; set; }

    /// <summary>The mean loss per sample; the last stage's to write.</summary>
    public double Loss { get; set; }

    /// <summary>The same of the smoothed targets.</summary>
    public double Objective { get; set; }

    /// <summary>Of every layer; each stage writes those of its own.</summary>
    public double[] Residuals { get; }

    /// <summary>What went wrong, by layer; each stage writes those of its own.</summary>
    public Divergence[] Found { get; }

    /// <summary>Whether no stage below may learn from the batch: a deviation is not finite.</summary>
    public bool IsDead { get; set; }

    /// <summary>L [m × outputs].</summary>
    public MatrixView Targets => _targets.Top(Rows);

    /// <summary>L [m × outputs], smoothed.</summary>
    public MatrixView SmoothedTargets => _smoothed.Top(Rows);

    /// <summary>The memory of the network's input.</summary>
    public Matrix InputBuffer => _layers[0].InputBuffer;

    /// <summary>A layer with this batch's activations.</summary>
    public StreamingLayer this[int layer] => _layers[layer];

    /// <summary>A layer on all of the batch's rows.</summary>
    public LayerPart On(int layer) => new(_layers[layer], new RowRange(0, Rows), new RowRange(0, _layers[layer].Outputs));

    /// <summary>Makes it that of another batch.</summary>
    public void Begin(int rows, int step, float scale, bool refreshes)
    {
        (Rows, Step, Scale, Refreshes, IsDead) = (rows, step, scale, refreshes, false);
        foreach (StreamingLayer layer in _layers) layer.SetRows(rows);
        Array.Clear(Found);
    }

    /// <summary>Of the topmost layer where something went wrong.</summary>
    public Divergence Topmost()
    {
        for (int i = Found.Length - 1; i >= 0; i--)
        {
            if (Found[i].Kind != DivergenceKind.None) return Found[i] with { Objective = Objective };
        }
        return default;
    }
}
