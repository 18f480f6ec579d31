using static Lpom.Simd.Tests.Reference.ReferenceMatrix;

namespace Lpom.Simd.Tests.Reference;

/// <summary>
/// Paper mode in double precision, transcribed from the equations without any reuse of products, buffers or factors. Samples are rows,
/// weights are [outputs × inputs].
/// </summary>
internal sealed class ReferenceTrainer
{
    public required double[][,] Weights { get; init; }

    public required Func<double, double>[] Phi { get; init; }

    public required double[] Lipschitz { get; init; }

    public required double[] Mu { get; init; }

    /// <summary>The unit-free start vectors of the power iteration, [outputs] each.</summary>
    public required double[][] Directions { get; init; }

    public bool CrossEntropy { get; init; }

    public int Sweeps { get; init; } = 2;

    public double Relaxation { get; init; } = 4;

    public double Ridge { get; init; } = 0.1;

    public int WeightSteps { get; init; } = 1;

    public double[][,] X { get; private set; } = [];

    public double[] SquaredNorms { get; private set; } = [];

    private int Layers => Weights.Length;

    public void Step(double[,] inputs, double[,] targets)
    {
        X = new double[Layers + 1][,];
        var u = new double[Layers + 1][,];
        SquaredNorms = new double[Layers];
        X[0] = inputs;
        for (int i = 0; i < Layers; i++)
        {
            u[i + 1] = Product(X[i], Weights[i]);
            X[i + 1] = Map(u[i + 1], Phi[i]);
            SquaredNorms[i] = PowerStep(i);
        }
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            X[Layers] = OutputUpdate(targets);
            for (int i = Layers - 1; i > 0; i--)
            {
                double ratio = Mu[i] / Mu[i - 1];
                double theta = Math.Min(1, Relaxation / (1 + (ratio * Lipschitz[i - 1] * Lipschitz[i] * SquaredNorms[i])));
                double[,] a = Product(X[i - 1], Weights[i - 1]);
                double[,] back = Multiply(Residual(i, Weights[i]), Weights[i]);
                double[,] old = u[i];
                u[i] = Build(a.GetLength(0), a.GetLength(1), (r, c) => ((1 - theta) * old[r, c]) + (theta * (a[r, c] - (ratio * back[r, c]))));
                X[i] = Map(u[i], Phi[i - 1]);
            }
        }
        for (int i = 0; i < Layers; i++) SolveWeights(i);
    }

    public double[,] Residual(int i, double[,] weights)
    {
        double[,] z = Product(X[i], weights);
        return Build(z.GetLength(0), z.GetLength(1), (r, c) => Phi[i](z[r, c]) - X[i + 1][r, c]);
    }

    private static double[,] Product(double[,] x, double[,] weights) => Multiply(x, Transpose(weights));

    private double[,] OutputUpdate(double[,] targets)
    {
        double[,] a = Product(X[Layers - 1], Weights[Layers - 1]);
        double[,] x = X[Layers];
        double[,] g = CrossEntropy ? Softmax(x) : x;
        return Build(a.GetLength(0), a.GetLength(1), (r, c) => Phi[Layers - 1](a[r, c] - ((g[r, c] - targets[r, c]) / Mu[Layers - 1])));
    }

    private static double[,] Softmax(double[,] x)
    {
        double Sum(int r) => Enumerable.Range(0, x.GetLength(1)).Sum(c => Math.Exp(x[r, c]));
        return Build(x.GetLength(0), x.GetLength(1), (r, c) => Math.Exp(x[r, c]) / Sum(r));
    }

    private double PowerStep(int i)
    {
        double length = Math.Sqrt(Directions[i].Sum(d => d * d));
        double[,] unit = Build(Directions[i].Length, 1, (r, _) => Directions[i][r] / length);
        double[,] image = Multiply(Weights[i], Multiply(Transpose(Weights[i]), unit));
        Directions[i] = [.. image.Cast<double>()];
        return Math.Sqrt(Directions[i].Sum(d => d * d));
    }

    private void SolveWeights(int i)
    {
        double[,] x = X[i];
        double[,] pseudoInverse = PseudoInverse(x);
        double[,] current = Weights[i];
        double[,] previous = current;
        double theta = 1;
        for (int step = 0; step < WeightSteps; step++)
        {
            double momentum = 0;
            if (step > 0)
            {
                double next = (1 + Math.Sqrt(1 + (4 * theta * theta))) / 2;
                momentum = (theta - 1) / next;
                theta = next;
            }
            double[,] w = current, old = previous;
            double[,] y = Build(w.GetLength(0), w.GetLength(1), (r, c) => w[r, c] + (momentum * (w[r, c] - old[r, c])));
            double[,] change = Transpose(Multiply(pseudoInverse, Residual(i, y)));
            previous = current;
            current = Build(w.GetLength(0), w.GetLength(1), (r, c) => y[r, c] - (change[r, c] / Lipschitz[i]));
        }
        Weights[i] = current;
    }

    private double[,] PseudoInverse(double[,] x)
    {
        bool wide = x.GetLength(0) <= x.GetLength(1);
        double[,] gram = wide ? Multiply(x, Transpose(x)) : Multiply(Transpose(x), x);
        int size = gram.GetLength(0);
        if (x.Cast<double>().All(v => v == 0)) return Transpose(x);
        double epsilon = Ridge * Enumerable.Range(0, size).Sum(k => gram[k, k]) / size;
        for (int k = 0; k < size; k++) gram[k, k] += epsilon;
        return wide ? Transpose(Solve(gram, x)) : Solve(gram, Transpose(x));
    }
}
