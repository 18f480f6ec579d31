using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.Online;

namespace Lpom.Native;

/// <summary>
/// Trains a network on rows as they come. The first rows are collected: their statistics scale the inputs from then on, and they are
/// the first that it trains on. Calls from several threads take turns.
/// </summary>
internal sealed unsafe class ModelTrainer : HandleTarget, IDisposable
{
    /// <summary>Its name in messages.</summary>
    public const string Name = "trainer";

    private const int ReferenceRows = 256, MaxBatch = 100;

    // Rows from one network that a divergence leads back to, to the next.
    private const int RowsOfACopy = 5000;

    // What was measured on, or said of, the start.
    private static readonly string[] OutdatedMetadata = ["test-accuracy", "test-mse", "test-r2", "interrupted", "diverged"];

    private readonly Lock _turn = new();
    private readonly List<float> _values = [];
    private readonly List<int> _labels = [];
    private readonly Network _start;
    private OnlineTrainer? _trainer;
    private int _rows;
    private bool _isDisposed;

    /// <summary>Waits for the first rows.</summary>
    /// <param name="start">The network to start from, on raw values; <see cref="CanTrain"/>.</param>
    public ModelTrainer(Network start) => _start = start;

    /// <inheritdoc />
    public override string Kind => Name;

    /// <summary>Values of a row.</summary>
    public int Inputs => _start.Inputs;

    /// <summary>Classes.</summary>
    public int Outputs => _start.Outputs;

    /// <summary>Whether a network can be trained here: its output layer is linear.</summary>
    public static bool CanTrain(Network network) => network.Layers[^1].Activation.Name == default(Identity).Name;

    /// <summary>Trains on rows, in steps of at most <see cref="MaxBatch"/>, or collects them.</summary>
    /// <param name="x">[rows × Inputs], finite.</param>
    /// <param name="labels">[rows], classes.</param>
    /// <param name="rows">At least 1.</param>
    public Status Step(float* x, int* labels, int rows)
    {
        lock (_turn)
        {
            if (_isDisposed)
                return LastError.BadArgument("trainer has been freed");
            if (_trainer is not null)
                return Train(_trainer, x, labels, rows);
            int taken = Math.Min(rows, ReferenceRows - _labels.Count);
            Collect(x, labels, taken);
            if (_labels.Count < ReferenceRows)
                return Status.Ok;
            Status begun = Begin(out OnlineTrainer? trainer);
            return trainer is null || begun != Status.Ok ? begun : Train(trainer, x + ((nint)taken * Inputs), labels + taken, rows - taken);
        }
    }

    /// <summary>The network as it is trained so far: the start while rows are collected.</summary>
    public Network Snapshot()
    {
        lock (_turn)
        {
            if (_trainer is null)
                return _start;
            _rows = 0;
            return WithoutOutdatedMetadata(_isDisposed ? _trainer.Latest : _trainer.Publish());
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_turn)
        {
            _isDisposed = true;
            _trainer?.Dispose();
        }
    }

    private void Collect(float* x, int* labels, int rows)
    {
        // Both or none: rows without labels would be paired with later ones.
        _values.EnsureCapacity(checked(_values.Count + (rows * Inputs)));
        _labels.EnsureCapacity(_labels.Count + rows);
        for (int row = 0; row < rows; row++)
            _values.AddRange(new ReadOnlySpan<float>(x + ((nint)row * Inputs), Inputs));
        _labels.AddRange(new ReadOnlySpan<int>(labels, rows));
    }

    // Makes the trainer of the rows that were collected, and trains it on them; they are dropped in any case.
    private Status Begin(out OnlineTrainer? trainer)
    {
        trainer = null;
        float[] values = [.. _values];
        int[] labels = [.. _labels];
        _values.Clear();
        _labels.Clear();
        try
        {
            _trainer = trainer = new OnlineTrainer(_start, new Rows(values, Inputs), new OnlineOptions { MaxBatch = MaxBatch, Threads = 0 });
        }
        catch (ArgumentException e)
        {
            return LastError.BadArgument($"the first {labels.Length} rows: {e.Message.Split(" (Parameter")[0]}");
        }

        _values.TrimExcess();
        _labels.TrimExcess();
        fixed (float* value = values)
        fixed (int* label = labels)
            return Train(trainer, value, label, labels.Length);
    }

    private Status Train(OnlineTrainer trainer, float* x, int* labels, int rows)
    {
        // A view has at most 2³¹ values.
        int most = Math.Min(RowsOfACopy, int.MaxValue / Inputs);
        int count;
        for (int first = 0; first < rows; first += count)
        {
            count = Math.Min(Math.Min(most, RowsOfACopy - _rows), rows - first);
            var inputs = new ReadOnlyMatrixView(new ReadOnlySpan<float>(x + ((nint)first * Inputs), count * Inputs), count, Inputs);
            OnlineReport report = trainer.Step(inputs, new ReadOnlySpan<int>(labels + first, count), OnlineTrainer.NoBudget);
            if (report.Divergence.Kind != DivergenceKind.None)
            {
                _rows = 0;
                return LastError.Failed($"training diverged: {report.Divergence}; it goes on from the last good weights");
            }

            _rows += count;
            if (_rows < RowsOfACopy)
                continue;
            trainer.Publish();
            _rows = 0;
        }

        return Status.Ok;
    }

    private static Network WithoutOutdatedMetadata(Network network) =>
        new(network.Layers, network.Loss, network.Metadata.Where(pair => !OutdatedMetadata.Contains(pair.Key)), network.InputBounds);

    /// <summary>The rows that were collected.</summary>
    /// <param name="values">[rows × features].</param>
    /// <param name="features">Values of a row.</param>
    private sealed class Rows(float[] values, int features) : ISampleRows
    {
        int ISampleRows.Rows => values.Length / features;

        public int Features => features;

        public void CopyInputs(int firstRow, int count, Span<float> destination, int stride)
        {
            for (int row = 0; row < count; row++)
                values.AsSpan((firstRow + row) * features, features).CopyTo(destination.Slice(row * stride, features));
        }
    }
}
