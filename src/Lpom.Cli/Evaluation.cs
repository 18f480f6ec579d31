using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Training;
using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli;

/// <summary>How a network does on some rows.</summary>
/// <param name="Accuracy">Fraction of rows whose class has the highest score, of equal scores the first counts; null for an autoencoder.</param>
/// <param name="Mse">An autoencoder's mean square error per value of a row; null when there are classes.</param>
/// <param name="Loss">Mean over the rows of the network's own loss.</param>
/// <param name="Samples">Number of rows.</param>
internal readonly record struct Score(double? Accuracy, double? Mse, double Loss, int Samples)
{
    /// <summary>For people: <c>97.80 %</c>, <c>MSE 0.00981</c>, or <c>MSE not finite</c> when a row's values are too large for the network.</summary>
    public string Figure => Accuracy is double accuracy
        ? EpochReport.Percent(accuracy)
        : double.IsFinite(Mse!.Value) ? string.Create(CultureInfo.InvariantCulture, $"MSE {Mse:G4}") : "MSE not finite";

    /// <summary>The accuracy, or the mean square error.</summary>
    public double Value => Accuracy ?? Mse!.Value;

    /// <summary>An accuracy at least as high, or an error at most as high, as a target.</summary>
    public bool Reaches(double target) => Accuracy is null ? Mse <= target : Accuracy >= target;

    /// <summary>A higher accuracy, or a lower error.</summary>
    public bool IsBetterThan(Score other) => Accuracy is null ? Mse < other.Mse : Accuracy > other.Accuracy;

    /// <summary>Writes the accuracy or the mean square error under a name that begins so; null for one that is not finite.</summary>
    public void Write(Utf8JsonWriter json, string prefix)
    {
        if (Accuracy is double accuracy)
            json.WriteNumber(Name(prefix, "accuracy"), accuracy);
        else if (double.IsFinite(Mse!.Value))
            json.WriteNumber(Name(prefix, "mse"), Mse.Value);
        else
            json.WriteNull(Name(prefix, "mse"));
    }

    private static string Name(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}{char.ToUpperInvariant(name[0])}{name[1..]}";
}

/// <summary>Measures networks of one shape. Its memory is allocated once.</summary>
internal sealed class Evaluation : IDisposable
{
    private const int MaxRows = 1000;

    private readonly LearningTask _task;
    private readonly Workspace _workspace;
    private readonly Matrix _inputs;
    private readonly Matrix _scores;

    public Evaluation(Network network, LearningTask task, int threads)
    {
        _task = task;
        // Rows that bring the widest layer to 16 MiB at most.
        int widest = Math.Max(network.Inputs, network.Layers.Max(l => l.Outputs));
        int rows = Math.Clamp((4 << 20) / widest, 1, MaxRows);
        _workspace = Workspace.For(network, rows, threads);
        _inputs = new Matrix(rows, network.Inputs);
        _scores = new Matrix(rows, network.Outputs);
    }

    public void Dispose() => _workspace.Dispose();

    /// <summary>Measures the first rows of a view; null when it has none.</summary>
    public Score? Measure(Network network, DataView view, int maxRows = int.MaxValue)
    {
        int rows = Math.Min(view.Rows, maxRows);
        if (rows == 0)
            return null;
        int right = 0;
        double loss = 0;
        for (int first = 0; first < rows; first += _workspace.MaxBatch)
        {
            int count = Math.Min(_workspace.MaxBatch, rows - first);
            MatrixView inputs = _inputs.View.SliceRows(0, count);
            for (int row = 0; row < count; row++)
                view.CopyInputs(first + row, 1, inputs.Row(row), network.Inputs);
            MatrixView scores = _scores.View.SliceRows(0, count);
            network.PredictBatch(inputs, scores, _workspace);
            for (int row = 0; row < count; row++)
            {
                if (_task == LearningTask.Autoencode)
                {
                    loss += 0.5 * SquaredDistance(scores.Row(row), inputs.Row(row));
                    continue;
                }

                int label = view.Label(first + row);
                right += Best(scores.Row(row)) == label ? 1 : 0;
                loss += LossOf(network.Loss, scores.Row(row), label);
            }
        }

        return _task == LearningTask.Autoencode
            ? new Score(null, 2 * loss / rows / network.Outputs, loss / rows, rows)
            : new Score((double)right / rows, null, loss / rows, rows);
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

    // In double: in float32 the square of 10²⁰ is infinite.
    private static double SquaredDistance(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double difference = (double)x[i] - y[i];
            sum += difference * difference;
        }

        return sum;
    }

    /// <summary>½‖scores − one-hot‖², or −ln softmax(scores)[label].</summary>
    private static double LossOf(Loss loss, ReadOnlySpan<float> scores, int label)
    {
        double sum = 0;
        if (loss == Loss.LeastSquares)
        {
            for (int i = 0; i < scores.Length; i++)
            {
                double difference = scores[i] - (i == label ? 1.0 : 0.0);
                sum += difference * difference;
            }

            return sum / 2;
        }

        double highest = scores[Best(scores)];
        foreach (float score in scores)
            sum += Math.Exp(score - highest);
        return Math.Log(sum) + highest - scores[label];
    }
}
