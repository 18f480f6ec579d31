using Lpom.Simd.Model;
using Lpom.Simd.Tests.Proximal;
using Lpom.Simd.Training.BackPropagation;
using Lpom.Simd.Training.Inputs;

namespace Lpom.Simd.Tests.Training.BackPropagation;

/// <summary>SGD and Adam in double precision, with gradients by central differences of the loss: nothing of the trainer's chain rule.</summary>
internal sealed class NumericDescent
{
    private const double Difference = 1e-5;

    private readonly Network _network;
    private readonly InputScaling _scaling;
    private readonly BackPropagationOptions _options;
    private readonly Func<double, double>[] _phi;
    private readonly double[] _weights;
    private readonly double[] _first;
    private readonly double[] _second;
    private int _step;

    public NumericDescent(Network start, InputScaling scaling, BackPropagationOptions options)
    {
        (_network, _scaling, _options) = (start, scaling, options);
        _phi = [.. start.Layers.Select(l => ActivationCase.Of(l.Activation.Name).Reference.Phi)];
        _weights = [.. start.Layers.SelectMany(Flat)];
        // The start acts on raw rows.
        (float[] zero, float[] one) = (Scale(new float[start.Inputs]), Scale(Enumerable.Repeat(1f, start.Inputs).ToArray()));
        for (int unit = 0; unit < start.Layers[0].Outputs; unit++)
        {
            int row = unit * (start.Inputs + 1);
            for (int j = 0; j < start.Inputs; j++)
            {
                _weights[row + j] /= (double)one[j] - zero[j];
                _weights[row + start.Inputs] -= _weights[row + j] * zero[j];
            }
        }
        (_first, _second) = (new double[_weights.Length], new double[_weights.Length]);
    }

    public double[] Predict(float[] raw) => Forward([.. Scale(raw).Select(x => (double)x)]);

    public void Step(float[][] rows, int[] labels)
    {
        double[][] scaled = [.. rows.Select(r => Scale(r).Select(x => (double)x).ToArray())];
        double[] gradient = [.. Enumerable.Range(0, _weights.Length).Select(k => Slope(k, scaled, labels))];
        double rate = _options.Rate * (1 - ((double)_step++ / _options.TotalSteps));
        for (int k = 0; k < _weights.Length; k++)
        {
            double keep = 1 - (_options.WeightDecay * rate);
            if (_options.Optimizer == Optimizer.Sgd)
            {
                _first[k] = (0.9 * _first[k]) + gradient[k];
                _weights[k] = (keep * _weights[k]) - (rate * _first[k]);
                continue;
            }
            _first[k] = (0.9 * _first[k]) + (0.1 * gradient[k]);
            _second[k] = (0.999 * _second[k]) + (0.001 * gradient[k] * gradient[k]);
            double mean = _first[k] / (1 - Math.Pow(0.9, _step)), square = _second[k] / (1 - Math.Pow(0.999, _step));
            _weights[k] = (keep * _weights[k]) - (rate * mean / (Math.Sqrt(square) + _options.Epsilon));
        }
    }

    private static IEnumerable<double> Flat(Layer layer)
    {
        var all = new List<double>();
        for (int unit = 0; unit < layer.Outputs; unit++)
        {
            all.AddRange(layer.Weights.Row(unit).ToArray().Select(w => (double)w));
            all.Add(layer.Bias[unit]);
        }
        return all;
    }

    private float[] Scale(float[] raw)
    {
        float[] copy = [.. raw];
        _scaling.Apply(copy);
        return copy;
    }

    private double Slope(int k, double[][] rows, int[] labels)
    {
        double there = _weights[k];
        _weights[k] = there + Difference;
        double above = LossOf(rows, labels);
        _weights[k] = there - Difference;
        double below = LossOf(rows, labels);
        _weights[k] = there;
        return (above - below) / (2 * Difference);
    }

    private double LossOf(double[][] rows, int[] labels) => rows.Zip(labels, (row, label) =>
    {
        double[] u = Forward(row);
        if (_network.Loss == Loss.LeastSquares) return u.Select((x, i) => 0.5 * Math.Pow(x - (i == label ? 1 : 0), 2)).Sum();
        double log = Math.Log(u.Sum(Math.Exp));
        return u.Select((x, i) => (log - x) * ((i == label ? 1 - _options.LabelSmoothing : 0) + (_options.LabelSmoothing / u.Length))).Sum();
    }).Average();

    private double[] Forward(double[] x)
    {
        int offset = 0;
        for (int i = 0; i < _phi.Length; i++)
        {
            int inputs = x.Length;
            double[] input = x;
            int start = offset, layer = i;
            x = [.. Enumerable.Range(0, _network.Layers[i].Outputs).Select(unit =>
            {
                int row = start + (unit * (inputs + 1));
                double sum = _weights[row + inputs];
                for (int j = 0; j < inputs; j++) sum += _weights[row + j] * input[j];
                return _phi[layer](sum);
            })];
            offset += x.Length * (inputs + 1);
        }
        return x;
    }
}
