using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Training;
using Lpom.Simd.Training.BackPropagation;
using Lpom.Simd.Training.Paper;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Training.State;

/// <summary>A NaN that gets into a batch or into a trainer's memory is found in the step that uses it, and no weight learns from it.</summary>
public class InjectedNaNTests
{
    private const int Rows = 40, Batch = 10, Inputs = 6, Hidden = 5, Outputs = 3;

    // After 0, 3, 10 and 25 steps streaming mode makes its inverses anew, from the Gram matrices.
    private const int BetweenRefreshes = 2, BeforeRefresh = 3;

    // The order of the matrices in a streaming trainer's state of two layers: W₁ W₂ V₁ V₂ A₂ (A₂ + λI)⁻¹.
    private const int FirstWeights = 0, LastWeights = 1, Gram = 4;

    private static readonly Matrix Data = PredictionTests.RandomMatrix(Rows, Inputs, 11);

    public static TheoryData<string> Methods => ["lpom", "lpom-paper", "sgd", "adam"];

    [Theory, MemberData(nameof(Methods))]
    public void In_a_batch(string method)
    {
        using Trainer trainer = Create(method);
        Train(trainer, 0, BetweenRefreshes);
        byte[] before = Bytes(trainer.ToNetwork());
        Matrix inputs = BatchOf(BetweenRefreshes);
        inputs.View[Batch - 1, 2] = float.NaN;
        StepReport report = trainer.Step(inputs.View, LabelsOf(BetweenRefreshes));
        Assert.Equal(DivergenceKind.NotFinite, report.Divergence.Kind);
        Assert.Equal(before, Bytes(trainer.ToNetwork()));
        // The next batch is none the worse for it.
        Assert.False(trainer.Step(BatchOf(3).View, LabelsOf(3)).Diverged);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void In_a_weight(string method)
    {
        foreach (int matrix in new[] { FirstWeights, method == "lpom-paper" ? 2 : LastWeights })
        {
            using Trainer trainer = Create(method);
            Train(trainer, 0, BetweenRefreshes);
            Poison(trainer, matrix);
            Assert.Equal(DivergenceKind.NotFinite, Step(trainer, BetweenRefreshes).Divergence.Kind);
        }
    }

    [Fact]
    public void In_a_metric()
    {
        using Trainer trainer = Create("lpom");
        Train(trainer, 0, BeforeRefresh);
        byte[] before = Bytes(trainer.ToNetwork());
        Poison(trainer, Gram);
        Assert.Equal(DivergenceKind.SingularGram, Step(trainer, BeforeRefresh).Divergence.Kind);
        Assert.Equal(before, Bytes(trainer.ToNetwork()));
    }

    [Fact]
    public void In_an_inverse_it_leaves_that_layer_as_it_is()
    {
        // W₁ W₂ W₃, V₁, V₂ A₂ (A₂ + λI)⁻¹, V₃ A₃ (A₃ + λI)⁻¹.
        const int inverse = 6;
        using Trainer trainer = Create("lpom", Hidden, Hidden);
        Train(trainer, 0, BetweenRefreshes);
        IReadOnlyList<Layer> before = trainer.ToNetwork().Layers;
        Poison(trainer, inverse);
        StepReport report = Step(trainer, BetweenRefreshes);
        Assert.Equal((DivergenceKind.NotFinite, 2), (report.Divergence.Kind, report.Divergence.Layer));
        IReadOnlyList<Layer> after = trainer.ToNetwork().Layers;
        Assert.Equal([false, true, false], before.Zip(after, (x, y) => WeightsOf(x).SequenceEqual(WeightsOf(y))));
        Assert.All(after.SelectMany(WeightsOf), weight => Assert.True(float.IsFinite(weight)));
    }

    // The weights have come from the inverse alone since it was made.
    [Fact]
    public void In_a_Gram_matrix_that_no_step_uses_yet_it_changes_nothing()
    {
        using Trainer poisoned = Create("lpom"), whole = Create("lpom");
        Train(poisoned, 0, BetweenRefreshes);
        Train(whole, 0, BetweenRefreshes);
        Poison(poisoned, Gram);
        Assert.False(Step(poisoned, BetweenRefreshes).Diverged);
        Assert.False(Step(whole, BetweenRefreshes).Diverged);
        Assert.Equal(Bytes(whole.ToNetwork()), Bytes(poisoned.ToNetwork()));
    }

    private static float[] WeightsOf(Layer layer) => [.. Enumerable.Range(0, layer.Outputs).SelectMany(row => layer.Weights.Row(row).ToArray())];

    private static Trainer Create(string method, params int[] hidden)
    {
        bool isPaper = method == "lpom-paper";
        Network start = NetworkInit.Glorot(
            [Inputs, .. hidden is [] ? [Hidden] : hidden, Outputs], Activation.Of(default(Relu)), Activation.Of(default(Identity)), isPaper ? Loss.LeastSquares : Loss.CrossEntropy, seed: 2, hasBiases: !isPaper);
        var rows = new MatrixRows(Data);
        return method switch
        {
            "lpom" => new StreamingTrainer(start, new StreamingOptions { TotalSteps = 20, MaxBatch = Batch, Threads = 1 }, rows),
            "lpom-paper" => new PaperTrainer(start, new PaperOptions { MaxBatch = Batch, Threads = 1 }),
            _ => new BackPropagationTrainer(
                start, new BackPropagationOptions { Optimizer = method == "sgd" ? Optimizer.Sgd : Optimizer.Adam, TotalSteps = 20, MaxBatch = Batch, Threads = 1 }, rows),
        };
    }

    private static void Train(Trainer trainer, int first, int end)
    {
        for (int step = first; step < end; step++) Assert.False(Step(trainer, step).Diverged);
    }

    private static StepReport Step(Trainer trainer, int step) => trainer.Step(BatchOf(step).View, LabelsOf(step));

    private static Matrix BatchOf(int step)
    {
        var inputs = new Matrix(Batch, Inputs);
        for (int i = 0; i < Batch; i++) Data.View.Row(((step * Batch) + i) % Rows).CopyTo(inputs.View.Row(i));
        return inputs;
    }

    private static int[] LabelsOf(int step) => [.. Enumerable.Range(step, Batch).Select(i => i % Outputs)];

    private static void Poison(Trainer trainer, int matrix) => trainer.VisitState(new Poisoner(matrix));

    private static byte[] Bytes(Network network)
    {
        using var stream = new MemoryStream();
        network.Save(stream);
        return stream.ToArray();
    }
}
