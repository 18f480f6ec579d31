using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Distributed;
using Lpom.Cli.Training;
using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli;

/// <summary>How a network does on some rows.</summary>
/// <param name="Accuracy">Fraction of rows whose class has the highest score, of equal scores the first counts; null when there are no classes.</param>
/// <param name="Mse">The mean square error per value of a row that is to be given; null when there are classes.</param>
/// <param name="R2">Of numbers, the part of their variance that is explained, mean over the numbers; null when there are none, or they are all the same.</param>
/// <param name="Loss">Mean over the rows of the network's own loss.</param>
/// <param name="Samples">Number of rows.</param>
internal readonly record struct Score(double? Accuracy, double? Mse, double? R2, double Loss, int Samples)
{
    /// <summary>For people: <c>97.80 %</c>, <c>MSE 0.00981</c>, <c>MSE 2901 (R² 0.485)</c>, or <c>MSE not finite</c> when a row's values are too large for the network.</summary>
    public string Figure => Accuracy is double accuracy
        ? EpochReport.Percent(accuracy)
        : double.IsFinite(Mse!.Value) ? string.Create(CultureInfo.InvariantCulture, $"MSE {Mse:G4}{(R2 is double r2 ? $" (R² {r2.ToString("F3", CultureInfo.InvariantCulture)})" : "")}") : "MSE not finite";

    /// <summary>The accuracy, or the mean square error.</summary>
    public double Value => Accuracy ?? Mse!.Value;

    /// <summary>An accuracy at least as high, or an error at most as high, as a target.</summary>
    public bool Reaches(double target) => Accuracy is null ? Mse <= target : Accuracy >= target;

    /// <summary>A higher accuracy, or a lower error.</summary>
    public bool IsBetterThan(Score other) => Accuracy is null ? Mse < other.Mse : Accuracy > other.Accuracy;

    /// <summary>Writes the accuracy, or the mean square error and the part of the variance explained, under names that begin so; null for one that is not finite.</summary>
    public void Write(Utf8JsonWriter json, string prefix)
    {
        if (R2 is double r2 && double.IsFinite(r2))
            json.WriteNumber(Name(prefix, "r2"), r2);
        if (Accuracy is double accuracy)
            json.WriteNumber(Name(prefix, "accuracy"), accuracy);
        else if (double.IsFinite(Mse!.Value))
            json.WriteNumber(Name(prefix, "mse"), Mse.Value);
        else
            json.WriteNull(Name(prefix, "mse"));
    }

    private static string Name(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}{char.ToUpperInvariant(name[0])}{name[1..]}";
}

/// <summary>Measures networks of one shape, or blocks of them. Its memory is allocated once.</summary>
internal sealed class Evaluation : IDisposable
{
    private const int MaxRows = 1000;

    private readonly LearningTask _task;
    private readonly Workspace _workspace;
    private readonly Matrix _inputs;
    private readonly Matrix _scores;
    private readonly NetworkBlocks? _blocks;
    private readonly float[] _sample;

    /// <param name="network">The network, or this rank's block of it.</param>
    /// <param name="task">What it is to do.</param>
    /// <param name="threads">To predict with.</param>
    /// <param name="blocks">Of all ranks; null where the network is whole.</param>
    public Evaluation(Network network, LearningTask task, int threads, NetworkBlocks? blocks = null)
    {
        (_task, _blocks) = (task, blocks);
        // Rows that bring the widest layer to 16 MiB at most; the same on all ranks.
        int widest = blocks is null ? Math.Max(network.Inputs, network.Layers.Max(l => l.Outputs)) : blocks.Ranks.Widths.ToArray().Max();
        int rows = Math.Clamp((4 << 20) / widest, 1, MaxRows);
        _workspace = Workspace.For(network, rows, threads);
        _inputs = new Matrix(rows, network.Inputs);
        _scores = new Matrix(rows, network.Outputs);
        _sample = blocks is { Ranks.HasFirstLayer: false } && task == LearningTask.Autoencode ? new float[blocks.Ranks.Widths[0]] : [];
    }

    public void Dispose() => _workspace.Dispose();

    /// <summary>Measures the first rows of a view; null when it has none. Of blocks, all ranks measure, and have the score.</summary>
    public Score? Measure(Network network, DataView view, int maxRows = int.MaxValue)
    {
        int rows = Math.Min(view.Rows, maxRows);
        if (rows == 0)
            return null;
        var sums = new ScoreSums(_task, network.Loss, network.Outputs);
        for (int first = 0; first < rows; first += _workspace.MaxBatch)
        {
            int count = Math.Min(_workspace.MaxBatch, rows - first);
            MatrixView inputs = _inputs.Top(count), scores = _scores.Top(count);
            if (_blocks is { Ranks.HasFirstLayer: false })
                _blocks.ReceiveFromBelow(inputs);
            else
                CopyRows(view, first, inputs);
            network.PredictBatch(inputs, scores, _workspace);
            if (_blocks is { Ranks.HasLastLayer: false })
                _blocks.SendUp(scores);
            else
                Add(sums, scores, inputs, view, first);
        }

        return _blocks is null ? sums.ToScore(rows) : _blocks.FromLast(sums.ToScore(rows));
    }

    private static void CopyRows(DataView view, int first, MatrixView destination)
    {
        for (int row = 0; row < destination.Rows; row++)
            view.CopyInputs(first + row, 1, destination.Row(row), destination.Cols);
    }

    private void Add(ScoreSums sums, MatrixView scores, MatrixView inputs, DataView view, int first)
    {
        for (int row = 0; row < scores.Rows; row++)
            sums.Add(scores.Row(row), SampleOf(inputs, view, first, row), view, first + row);
    }

    // What an autoencoder is to give back, which a block behind others does not take in.
    private ReadOnlySpan<float> SampleOf(MatrixView inputs, DataView view, int first, int row)
    {
        if (_sample.Length == 0)
            return inputs.Row(row);
        view.CopyInputs(first + row, 1, _sample, _sample.Length);
        return _sample;
    }

    /// <summary>Place of the highest score; of equal ones the first.</summary>
    public static int Best(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best])
                best = i;
        }

        return best;
    }
}
