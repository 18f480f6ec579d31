namespace Lpom.Simd.Tests.Reference;

/// <summary>Streaming mode in double precision, written from the equations. Rows are samples [X, 1]; weights are outputs × (inputs + 1).</summary>
internal sealed class ReferenceStreaming
{
    private readonly double[,] _factor;
    private readonly double[][,] _velocities;
    private readonly double[,]?[] _grams;
    private readonly double[,]?[] _damped;
    private int _count;
    private int _step;

    public ReferenceStreaming(double[][,] weights, double[,] allRows, double damping)
    {
        Weights = weights;
        _velocities = [.. weights.Select(w => new double[w.GetLength(0), w.GetLength(1)])];
        _grams = new double[,]?[weights.Length];
        _damped = new double[,]?[weights.Length];
        double[,] gram = Gram(allRows);
        for (int i = 0; i < gram.GetLength(0); i++) gram[i, i] += damping;
        _factor = gram;
    }

    /// <summary>On scaled rows: the metric of the first layer is applied to its gradient, as in (8) itself, not by whitening.</summary>
    public double[][,] Weights { get; }

    public required Func<double, double>[] Phi { get; init; }

    public required double[] Lipschitz { get; init; }

    public required bool CrossEntropy { get; init; }

    public required double Smoothing { get; init; }

    public required bool AdaptiveMu { get; init; }

    public required int TotalSteps { get; init; }

    public double Mu { get; init; } = 20;

    public double LearningRate { get; init; } = 4;

    public double Decay { get; init; } = 1.5e-3;

    public double TrustRadius { get; init; } = 0.1;

    public double Damping { get; init; } = 0.0033;

    public double[,] Predict(double[,] rows) => Forward(rows, out _, out _);

    public void Step(double[,] rows, double[,] oneHot)
    {
        int n = Weights.Length, m = rows.GetLength(0);
        double[,] u = Forward(rows, out double[][,] inputs, out double[][,] products);
        double[,] deviation = OutputDeviation(u, oneHot);
        double scale = 1 - ((double)_step / TotalSteps);
        _count++;
        var next = new double[n][,];
        for (int i = n - 1; i >= 0; i--)
        {
            double[,]? below = i > 0 ? HiddenDeviation(i, deviation, products[i - 1]) : null;
            double[,] gradient = ReferenceMatrix.Map(ReferenceMatrix.Multiply(ReferenceMatrix.Transpose(deviation), inputs[i]), g => g / m);
            double[,] metric = i == 0 ? _factor : Metric(i, inputs[i]);
            double[,] solved = ReferenceMatrix.Transpose(ReferenceMatrix.Solve(metric, ReferenceMatrix.Transpose(gradient)));
            double predicted = gradient.Cast<double>().Zip(solved.Cast<double>(), (g, s) => g * s).Sum();
            double q = LearningRate * Mu * Math.Sqrt(predicted / gradient.GetLength(0));
            double size = 0.1 * LearningRate * Mu * scale * Math.Min(1, TrustRadius / (q + 1e-30)) / Lipschitz[i];
            double[,] velocity = _velocities[i];
            _velocities[i] = ReferenceMatrix.Build(solved.GetLength(0), solved.GetLength(1), (r, c) => (0.9 * velocity[r, c]) + (size * solved[r, c]));
            next[i] = Decayed(i, scale);
            deviation = below!;
        }
        next.CopyTo(Weights, 0);
        _step++;
    }

    private static double[,] Gram(double[,] h) =>
        ReferenceMatrix.Map(ReferenceMatrix.Multiply(ReferenceMatrix.Transpose(h), h), x => x / h.GetLength(0));

    // In the metric A₀ + λ₀I every weight decays alike, whitened or not.
    private double[,] Decayed(int layer, double scale)
    {
        double[,] w = Weights[layer], v = _velocities[layer];
        return ReferenceMatrix.Build(w.GetLength(0), w.GetLength(1), (r, c) => (w[r, c] - v[r, c]) * (1 - (Decay * scale)));
    }

    private double[,] Forward(double[,] rows, out double[][,] inputs, out double[][,] products)
    {
        int n = Weights.Length;
        (inputs, products) = (new double[n][,], new double[n][,]);
        double[,] h = rows;
        for (int i = 0; i < n; i++)
        {
            inputs[i] = h;
            products[i] = ReferenceMatrix.Multiply(h, ReferenceMatrix.Transpose(Weights[i]));
            double[,] u = products[i];
            int layer = i;
            h = ReferenceMatrix.Build(u.GetLength(0), u.GetLength(1) + 1, (r, c) => c == u.GetLength(1) ? 1 : Phi[layer](u[r, c]));
        }
        return products[^1];
    }

    private double[,] OutputDeviation(double[,] u, double[,] oneHot)
    {
        int classes = u.GetLength(1);
        return ReferenceMatrix.Build(u.GetLength(0), classes, (r, c) =>
        {
            double target = CrossEntropy ? ((1 - Smoothing) * oneHot[r, c]) + (Smoothing / classes) : oneHot[r, c];
            double value = CrossEntropy ? Math.Exp(u[r, c]) / Enumerable.Range(0, classes).Sum(k => Math.Exp(u[r, k])) : u[r, c];
            return (value - target) / Mu;
        });
    }

    private double[,] HiddenDeviation(int above, double[,] deviation, double[,] u)
    {
        int units = u.GetLength(1);
        double[,] w = Weights[above];
        double[,] pull = ReferenceMatrix.Multiply(deviation, ReferenceMatrix.Build(w.GetLength(0), units, (r, c) => w[r, c]));
        Func<double, double> phi = Phi[above - 1];
        double[,] Moved(double ratio) => ReferenceMatrix.Build(u.GetLength(0), units, (r, c) => phi(u[r, c]) - phi(u[r, c] - (ratio * pull[r, c])));
        if (!AdaptiveMu) return Moved(1);
        double rms = Math.Sqrt(Moved(1).Cast<double>().Sum(x => x * x) / u.Length);
        return Moved(Math.Min(1e12, 0.2 / Mu / rms));
    }

    private double[,] Metric(int layer, double[,] input)
    {
        double[,] gram = Gram(input);
        double[,] before = _grams[layer] ?? gram;
        double weight = Math.Max(1.0 / _count, 0.05);
        double[,] running = ReferenceMatrix.Build(gram.GetLength(0), gram.GetLength(1), (r, c) => before[r, c] + (weight * (gram[r, c] - before[r, c])));
        _grams[layer] = running;
        if (_step is not (0 or 3)) return _damped[layer]!;
        double trace = Enumerable.Range(0, running.GetLength(0)).Sum(i => running[i, i]);
        return _damped[layer] = ReferenceMatrix.Build(running.GetLength(0), running.GetLength(1), (r, c) => running[r, c] + (r == c ? Damping * trace : 0));
    }
}
