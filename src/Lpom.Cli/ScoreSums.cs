using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli;

/// <summary>Sums over rows, of which a <see cref="Score"/> is made.</summary>
/// <param name="task">What the network is to give.</param>
/// <param name="loss">Of the network.</param>
/// <param name="outputs">Of the network.</param>
internal sealed class ScoreSums(LearningTask task, Loss loss, int outputs)
{
    // Of each number: its sum and that of its squares, less the first row's value, which keeps digits; and of the squared errors.
    private readonly double[] _first = new double[outputs];
    private readonly double[] _numbers = new double[outputs];
    private readonly double[] _squares = new double[outputs];
    private readonly double[] _errors = new double[outputs];
    private bool _hasFirst;
    private int _right;
    private double _loss;

    /// <summary>Adds a row.</summary>
    /// <param name="scores">What the network gives.</param>
    /// <param name="inputs">For what.</param>
    /// <param name="view">The rows, which know what it is to give.</param>
    /// <param name="row">Number of the row.</param>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<float> inputs, DataView view, int row)
    {
        switch (task)
        {
            case LearningTask.Autoencode:
                _loss += 0.5 * SquaredDistance(scores, inputs);
                break;
            case LearningTask.Regress:
                _loss += 0.5 * SquaredDistance(scores, view.Numbers(row));
                AddNumbers(scores, view.Numbers(row));
                break;
            default:
                _right += Evaluation.Best(scores) == view.Label(row) ? 1 : 0;
                _loss += LossOf(scores, view.Label(row));
                break;
        }
    }

    /// <summary>The score on so many rows.</summary>
    public Score ToScore(int rows) => task == LearningTask.Classify
        ? new Score((double)_right / rows, null, null, _loss / rows, rows)
        : new Score(null, 2 * _loss / rows / outputs, task == LearningTask.Regress ? Explained(rows) : null, _loss / rows, rows);

    private void AddNumbers(ReadOnlySpan<float> scores, ReadOnlySpan<float> numbers)
    {
        for (int i = 0; i < outputs; i++)
        {
            if (!_hasFirst)
                _first[i] = numbers[i];
            double error = (double)scores[i] - numbers[i], number = numbers[i] - _first[i];
            _errors[i] += error * error;
            _numbers[i] += number;
            _squares[i] += number * number;
        }

        _hasFirst = true;
    }

    private double? Explained(int rows)
    {
        double sum = 0;
        for (int i = 0; i < outputs; i++)
        {
            double variance = _squares[i] - (_numbers[i] * _numbers[i] / rows);
            if (!(variance > 0))
                return null;
            sum += 1 - (_errors[i] / variance);
        }

        return sum / outputs;
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
    private double LossOf(ReadOnlySpan<float> scores, int label)
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

        double highest = scores[Evaluation.Best(scores)];
        foreach (float score in scores)
            sum += Math.Exp(score - highest);
        return Math.Log(sum) + highest - scores[label];
    }
}
