using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli.Samples;

/// <summary>Samples that are answered together, and their scores. Its memory is allocated once.</summary>
internal sealed class SampleBatch : IDisposable
{
    // Larger batches are no faster; and all their rows together take at most 4 MiB of the widest layer.
    private const int MaxRows = 256, MaxValues = 1 << 20;

    private readonly Network _network;
    private readonly Preprocessing _preprocessing;
    private readonly Workspace _workspace;
    private readonly Matrix _inputs;
    private readonly Matrix _scores;
    private readonly long[] _numbers;

    public SampleBatch(Network network, Preprocessing preprocessing)
    {
        _network = network;
        _preprocessing = preprocessing;
        int widest = Math.Max(network.Inputs, network.Layers.Max(l => l.Outputs));
        int rows = Math.Clamp(MaxValues / widest, 1, MaxRows);
        _workspace = Workspace.For(network, rows);
        _inputs = new Matrix(rows, network.Inputs);
        _scores = new Matrix(rows, network.Outputs);
        _numbers = new long[rows];
    }

    /// <summary>Samples in it.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == _numbers.Length;

    /// <summary>Room for the next sample's raw values [inputs].</summary>
    public Span<float> Next => _inputs.View.Row(Count);

    /// <summary>Takes the sample that has been written to <see cref="Next"/>.</summary>
    /// <param name="number">Its <see cref="SampleSource.Number"/>.</param>
    public void Add(long number)
    {
        _preprocessing.Apply(Next, Next);
        _numbers[Count++] = number;
    }

    /// <summary>Predicts the scores of all samples in it.</summary>
    public void Predict() => _network.PredictBatch(_inputs.View.SliceRows(0, Count), _scores.View.SliceRows(0, Count), _workspace);

    /// <summary>The scores of a sample [outputs], after <see cref="Predict"/>.</summary>
    public Span<float> Scores(int row) => _scores.View.Row(row);

    /// <summary>The number of a sample.</summary>
    public long Number(int row) => _numbers[row];

    public void Clear() => Count = 0;

    public void Dispose() => _workspace.Dispose();
}
