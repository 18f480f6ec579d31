using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>A batch in flight: its own activations of every layer that is here, on weights and metrics that all slots share. Allocated once.</summary>
internal sealed class BatchSlot
{
    private readonly StreamingLayer[] _layers;
    private readonly int _firstLayer;
    private readonly Matrix _targets;
    private readonly Matrix _smoothed;

    // What the layers above take, and how far those below are to move, where other ranks have them.
    private readonly Matrix? _above, _below;

    /// <param name="layers">Of the trainer, whose activations the first slot uses.</param>
    /// <param name="isFirst">Whether it is the first.</param>
    /// <param name="shape">Of the network.</param>
    /// <param name="maxBatch">The most samples.</param>
    /// <param name="report">What becomes of its first batch.</param>
    public BatchSlot(StreamingLayer[] layers, bool isFirst, NetworkPart shape, int maxBatch, BatchReport report)
    {
        _firstLayer = shape.FirstLayer;
        _layers = isFirst ? layers : [.. layers.Select(layer => new StreamingLayer(layer, maxBatch))];
        HasTargets = shape.HasLast;
        int rows = HasTargets ? maxBatch : 0;
        (_targets, _smoothed) = (new Matrix(rows, shape.Outputs), new Matrix(rows, shape.Outputs));
        if (!shape.HasLast) _above = BiasedLayer.WithOnes(maxBatch, layers[^1].Outputs);
        if (!shape.HasFirst) _below = new Matrix(maxBatch, layers[0].Inputs);
        Report = report;
    }

    /// <summary>What becomes of the batch.</summary>
    public BatchReport Report { get; set; }

    /// <summary>Samples.</summary>
    public int Rows => Report.Rows;

    /// <summary>The step's number, from 0, since the start.</summary>
    public int Step { get; private set; }

    /// <summary>The schedule's s.</summary>
    public float Scale { get; private set; }

    /// <summary>Whether the inverses are made anew with this batch.</summary>
    public bool Refreshes { get; private set; }

    /// <summary>Whether no stage below may learn from the batch: a deviation is not finite.</summary>
    public bool IsDead { get; set; }

    /// <summary>Whether it has targets: the network's last layer is here.</summary>
    public bool HasTargets { get; }

    /// <summary>L [m × outputs].</summary>
    public MatrixView Targets => _targets.Top(Rows);

    /// <summary>L [m × outputs], smoothed.</summary>
    public MatrixView SmoothedTargets => _smoothed.Top(Rows);

    /// <summary>The memory of the network's input.</summary>
    public Matrix InputBuffer => _layers[0].InputBuffer;

    /// <summary>A layer with this batch's activations, by its number in the network.</summary>
    public StreamingLayer this[int layer] => _layers[layer - _firstLayer];

    /// <summary>A layer on all of the batch's rows.</summary>
    public LayerPart On(int layer) => new(this[layer], new RowRange(0, Rows), new RowRange(0, this[layer].Outputs));

    /// <summary>H of a layer [m × (inputs + 1)], or of the one above those that are here.</summary>
    public MatrixView InputOf(int layer) => layer - _firstLayer < _layers.Length ? this[layer].Input : _above!.Top(Rows);

    /// <summary>Where D of a layer will stand [m × outputs], and its pull before; also of the one below those that are here.</summary>
    public MatrixView DeviationOf(int layer) => layer >= _firstLayer ? this[layer].Deviation : _below!.Top(Rows);

    /// <summary>Makes it that of another batch.</summary>
    public void Begin(int rows, int step, float scale, bool refreshes)
    {
        (Step, Scale, Refreshes, IsDead) = (step, scale, refreshes, false);
        Report.Begin(rows);
        foreach (StreamingLayer layer in _layers) layer.SetRows(rows);
    }
}
