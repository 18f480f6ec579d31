using FsCheck;
using FsCheck.Fluent;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Proximal;
using Lpom.Simd.Tests.Reference;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Paper;

namespace Lpom.Simd.Tests.Training.Paper;

/// <summary>A small random network, batch and setting, drawn from one number.</summary>
internal sealed class TrainingCase
{
    private static readonly string[] Activations = [.. Activation.All.Select(a => a.Name)];

    private Rng _random;

    private TrainingCase(int seed, int[]? shape = null, int? batch = null)
    {
        _random = new Rng((ulong)seed);
        int[] widths = shape ?? [.. Enumerable.Range(0, 2 + _random.NextInt(3)).Select(_ => 1 + _random.NextInt(9))];
        CrossEntropy = _random.NextInt(2) == 0;
        string hidden = Pick();
        string output = CrossEntropy ? "identity" : Pick();
        Batch = batch ?? 1 + _random.NextInt(12);
        Names = [.. Enumerable.Range(0, widths.Length - 1).Select(i => i == widths.Length - 2 ? output : hidden)];
        var layers = Names.Select((name, i) => new Layer(Random(widths[i + 1], widths[i], 4.5f / MathF.Sqrt(9 + widths[i])).View, [], ModelFiles.Named(name)));
        Network = new Network(layers, CrossEntropy ? Loss.CrossEntropy : Loss.LeastSquares);
        Options = new PaperOptions
        {
            MuPerLayer = Names.Select(_ => 5 + (20 * _random.NextSingle())).ToArray(),
            Sweeps = 1 + _random.NextInt(3),
            WeightSteps = 1 + _random.NextInt(3),
            Schedule = (StepSchedule)_random.NextInt(3),
            TotalSteps = 4,
            MaxBatch = Batch,
            Threads = 1,
            Seed = 7,
        };
        Description = $"seed {seed}: {Network.Shape} {string.Join(',', Names)} {Network.Loss} batch {Batch}, {Options.Sweeps} sweeps, {Options.WeightSteps} weight steps, {Options.Schedule}";
    }

    /// <summary>The numbers that draw cases.</summary>
    public static Arbitrary<int> Seeds { get; } = Gen.Choose(1, 1_000_000).ToArbitrary();

    public Network Network { get; }

    public string[] Names { get; }

    public int Batch { get; }

    public bool CrossEntropy { get; }

    public PaperOptions Options { get; }

    public string Description { get; }

    public ReferenceActivation[] References => [.. Names.Select(n => ActivationCase.Of(n).Reference)];

    public static TrainingCase Of(int seed) => new(seed);

    /// <summary>A case of given widths and batch.</summary>
    public static TrainingCase OfShape(int[] widths, int batch) => new(1, widths, batch);

    public static double[,] ToDouble(ReadOnlyMatrixView view)
    {
        var result = new double[view.Rows, view.Cols];
        for (int r = 0; r < view.Rows; r++)
        {
            for (int c = 0; c < view.Cols; c++) result[r, c] = view[r, c];
        }
        return result;
    }

    /// <summary>A matrix of values within ±scale.</summary>
    public Matrix Random(int rows, int cols, float scale)
    {
        var matrix = new Matrix(rows, cols);
        for (int r = 0; r < rows; r++)
        {
            foreach (ref float x in matrix.View.Row(r)) x = scale * ((2 * _random.NextSingle()) - 1);
        }
        return matrix;
    }

    public int[] RandomLabels() => [.. Enumerable.Range(0, Batch).Select(_ => _random.NextInt(Network.Outputs))];

    public double[,] OneHot(int[] labels) => ReferenceMatrix.Build(labels.Length, Network.Outputs, (r, o) => labels[r] == o ? 1 : 0);

    /// <summary>The summed loss of the case's network.</summary>
    public double LossOf(double[,] x, double[,] targets) =>
        CrossEntropy ? Descent.CrossEntropy(x, targets) : Descent.LeastSquares(x, targets);

    /// <summary>The reference trainer at the same start, with the same power-iteration vectors.</summary>
    public ReferenceTrainer Reference() => new()
    {
        Weights = [.. Network.Layers.Select(l => ToDouble(l.Weights))],
        Phi = [.. References.Select(a => a.Phi)],
        Lipschitz = [.. References.Select(a => a.Lipschitz)],
        Mu = [.. Options.MuPerLayer.ToArray().Select(m => (double)m)],
        Directions = [.. Network.Layers.Select((l, i) => StartDirection(i, l.Outputs))],
        CrossEntropy = CrossEntropy,
        Sweeps = Options.Sweeps,
        WeightSteps = Options.WeightSteps,
        Schedule = Options.Schedule switch
        {
            StepSchedule.Linear => t => 1 - (t / 4.0),
            StepSchedule.Cosine => t => (1 + Math.Cos(Math.PI * t / 4)) / 2,
            _ => _ => 1,
        },
    };

    /// <summary>The state of one layer, with its batch set.</summary>
    public PaperLayer State(int layer)
    {
        var state = new PaperLayer(Network.Layers[layer], layer, Options.MuPerLayer.Span[layer], Options);
        state.SetRows(Batch);
        return state;
    }

    private double[] StartDirection(int layer, int outputs)
    {
        var random = new Rng(Options.Seed, ulong.MaxValue - (ulong)layer);
        double[] direction = new double[outputs];
        for (int i = 0; i < outputs; i++) direction[i] = random.NextGaussian();
        return direction;
    }

    private string Pick() => Activations[_random.NextInt(Activations.Length)];
}
