using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli.Reports;

/// <summary>What a classifier answers to each row of a view.</summary>
internal sealed class TestAnswers
{
    private const int RowsAtOnce = 256;

    private readonly DataView _rows;
    private readonly Loss _loss;

    private TestAnswers(DataView rows, Loss loss)
    {
        (_rows, _loss) = (rows, loss);
        (Given, GivenScores, TrueScores) = (new int[rows.Rows], new float[rows.Rows], new float[rows.Rows]);
    }

    /// <summary>The class given to each row.</summary>
    public int[] Given { get; }

    /// <summary>Its score: a probability with cross-entropy.</summary>
    public float[] GivenScores { get; }

    /// <summary>The score of the row's own class.</summary>
    public float[] TrueScores { get; }

    /// <summary>Rows that are given a wrong class, the surest mistakes first.</summary>
    public IEnumerable<int> Mistakes => Enumerable.Range(0, _rows.Rows).Where(row => Given[row] != _rows.Label(row)).OrderByDescending(row => GivenScores[row] - TrueScores[row]);

    /// <summary>Asks the network.</summary>
    public static TestAnswers Of(Network network, DataView rows, int threads)
    {
        var answers = new TestAnswers(rows, network.Loss);
        int batch = Math.Clamp((1 << 22) / network.Inputs, 1, RowsAtOnce);
        using var workspace = Workspace.For(network, batch, threads);
        var inputs = new Matrix(batch, network.Inputs);
        var scores = new Matrix(batch, network.Outputs);
        for (int first = 0; first < rows.Rows; first += batch)
        {
            int count = Math.Min(batch, rows.Rows - first);
            for (int i = 0; i < count; i++)
                rows.CopyInputs(first + i, 1, inputs.View.Row(i), network.Inputs);
            network.PredictBatch(inputs.Top(count), scores.Top(count), workspace);
            for (int i = 0; i < count; i++)
                answers.Put(first + i, scores.View.Row(i));
        }

        return answers;
    }

    /// <summary>Which class was taken for which.</summary>
    public Confusion Confusion(IReadOnlyList<string> classes)
    {
        int[][] counts = [.. classes.Select(_ => new int[classes.Count])];
        for (int row = 0; row < Given.Length; row++)
            counts[_rows.Label(row)][Given[row]]++;
        return new Confusion(classes, counts);
    }

    /// <summary>A row of each class in turn, as many as are asked for and there are.</summary>
    public IEnumerable<int> Samples(int most) =>
        Enumerable.Range(0, _rows.Rows).GroupBy(_rows.Label).OrderBy(rows => rows.Key)
            .SelectMany(rows => rows.Select((row, place) => (row, place))).OrderBy(pair => pair.place).Select(pair => pair.row).Take(most);

    private void Put(int row, Span<float> scores)
    {
        Given[row] = Evaluation.Best(scores);
        if (_loss == Loss.CrossEntropy)
            System.Numerics.Tensors.TensorPrimitives.SoftMax(scores, scores);
        (GivenScores[row], TrueScores[row]) = (scores[Given[row]], scores[_rows.Label(row)]);
    }
}
