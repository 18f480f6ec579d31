using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Reference;
using Lpom.Simd.Tests.Support;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Paper;

namespace Lpom.Simd.Tests.Training.Paper;

[Collection(Allocations.Collection)]
public class PaperTrainerTests
{
    [Fact]
    public void Steps_follow_the_equations_in_double_precision() => Properties.Hold(TrainingCase.Seeds, seed =>
    {
        TrainingCase c = TrainingCase.Of(seed);
        ReferenceTrainer reference = c.Reference();
        using var trainer = new PaperTrainer(c.Network, c.Options);
        for (int step = 0; step < 3; step++)
        {
            Matrix inputs = c.Random(c.Batch, c.Network.Inputs, 1);
            int[] labels = c.RandomLabels();
            StepReport report = trainer.Step(inputs.View, labels);
            reference.Step(TrainingCase.ToDouble(inputs.View), c.OneHot(labels));
            Assert.False(report.Diverged);
            Network network = trainer.ToNetwork();
            for (int i = 0; i < network.Layers.Count; i++)
            {
                Assert.Equal(reference.SquaredNorms[i], report.SquaredNorms[i], 2e-3 * (1 + reference.SquaredNorms[i]));
                AssertClose(reference.Weights[i], network.Layers[i].Weights, $"{c.Description}, step {step}, layer {i}");
            }
        }
    });

    [Fact]
    public void The_report_holds_the_objective_the_loss_and_the_residuals_of_the_equations() => Properties.Hold(TrainingCase.Seeds, seed =>
    {
        TrainingCase c = TrainingCase.Of(seed);
        ReferenceTrainer reference = c.Reference();
        double[][,] start = [.. reference.Weights];
        using var trainer = new PaperTrainer(c.Network, c.Options);
        Matrix inputs = c.Random(c.Batch, c.Network.Inputs, 1);
        int[] labels = c.RandomLabels();
        double[,] targets = c.OneHot(labels);
        StepReport report = trainer.Step(inputs.View, labels);
        reference.Step(TrainingCase.ToDouble(inputs.View), targets);
        double objective = c.LossOf(reference.X[^1], targets);
        double[,] output = reference.X[0];
        for (int i = 0; i < start.Length; i++)
        {
            double[,] residual = reference.Residual(i, start[i]);
            double squares = residual.Cast<double>().Sum(r => r * r) / residual.Length;
            Assert.Equal(Math.Sqrt(squares), report.Residuals[i], 1e-3);
            objective += c.Options.MuPerLayer.Span[i] * Descent.Penalty(c.References[i], reference.X[i + 1], Product(reference.X[i], start[i]));
            output = ReferenceMatrix.Map(Product(output, start[i]), c.References[i].Phi);
        }
        Assert.Equal(objective / c.Batch, report.Objective, 2e-3 * (1 + (objective / c.Batch)));
        Assert.Equal(c.LossOf(output, targets) / c.Batch, report.Loss, 1e-3);
    }, count: 40);

    [Fact]
    public void The_stages_one_by_one_are_the_step() => Properties.Hold(TrainingCase.Seeds, seed =>
    {
        TrainingCase c = TrainingCase.Of(seed);
        using var whole = new PaperTrainer(c.Network, c.Options);
        using var staged = new PaperTrainer(c.Network, c.Options);
        for (int step = 0; step < 2; step++)
        {
            Matrix inputs = c.Random(c.Batch, c.Network.Inputs, 1);
            int[] labels = c.RandomLabels();
            StepReport report = whole.Step(inputs.View, labels);
            staged.Begin(inputs.View, labels);
            staged.UpdateActivations();
            Assert.Equal(report.Objective, staged.Objective());
            Assert.True(staged.SolveWeights());
        }
        Assert.Equal(ModelFiles.Bytes(whole.ToNetwork()), ModelFiles.Bytes(staged.ToNetwork()));
    }, count: 50);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void The_bits_do_not_depend_on_the_number_of_threads(int threads) =>
        Assert.Equal(ModelFiles.Bytes(TrainLarge(1)), ModelFiles.Bytes(TrainLarge(threads)));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    public void A_step_allocates_nothing(int threads, int weightSteps)
    {
        Network start = PredictionTests.RandomNetwork([200, 300, 50, 10], bias: false);
        using var trainer = new PaperTrainer(start, new PaperOptions { Threads = threads, WeightSteps = weightSteps });
        Matrix inputs = PredictionTests.RandomMatrix(100, 200, 5);
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i % 10)];
        Allocations.AssertNone(() => trainer.Step(inputs.View, labels));
    }

    [Fact]
    public void A_batch_that_is_not_finite_is_reported_and_the_weights_stay()
    {
        Network start = PredictionTests.RandomNetwork([4, 5, 3], bias: false);
        using var trainer = new PaperTrainer(start, new PaperOptions { Threads = 1 });
        Matrix inputs = PredictionTests.RandomMatrix(6, 4, 1);
        inputs.View[2, 1] = float.NaN;
        StepReport report = trainer.Step(inputs.View, [0, 1, 2, 0, 1, 2]);
        Assert.True(report.Diverged);
        Assert.Equal("layer 1: the objective is not finite", report.Divergence.ToString());
        Assert.Equal(ModelFiles.Bytes(start), ModelFiles.Bytes(trainer.ToNetwork()));
    }

    [Fact]
    public void An_objective_out_of_all_proportion_is_reported_and_the_weights_stay()
    {
        Network start = PredictionTests.RandomNetwork([4, 5, 3], bias: false);
        using var trainer = new PaperTrainer(start, new PaperOptions { Threads = 1, MaxBatch = 2 });
        Matrix inputs = PredictionTests.RandomMatrix(2, 4, 1);
        Assert.False(trainer.Step(inputs.View, [0, 1]).Diverged);
        byte[] before = ModelFiles.Bytes(trainer.ToNetwork());
        foreach (ref float x in inputs.View.Row(0)) x *= 1e8f;
        StepReport report = trainer.Step(inputs.View, [0, 1]);
        Assert.Equal(DivergenceKind.BlowUp, report.Divergence.Kind);
        Assert.InRange(report.Divergence.Layer, 1, 2);
        Assert.Equal(before, ModelFiles.Bytes(trainer.ToNetwork()));
    }

    [Fact]
    public void Inputs_of_zeros_change_no_weight_behind_them_and_do_not_fail()
    {
        Network start = PredictionTests.RandomNetwork([4, 5, 3], bias: false);
        using var trainer = new PaperTrainer(start, new PaperOptions { Threads = 1 });
        Assert.False(trainer.Step(new Matrix(3, 4).View, [0, 1, 2]).Diverged);
        Assert.Equal(start.Layers[0].Weights.Row(0), trainer.ToNetwork().Layers[0].Weights.Row(0));
    }

    [Theory]
    [InlineData(1e-21f)]
    [InlineData(3e-20f)]
    [InlineData(1e-16f)]
    public void Inputs_too_small_to_square_leave_the_weights_finite(float scale)
    {
        Network start = PredictionTests.RandomNetwork([40, 30, 3], bias: false);
        using var trainer = new PaperTrainer(start, new PaperOptions { Threads = 1 });
        Matrix inputs = PredictionTests.RandomMatrix(20, 40, 1);
        for (int row = 0; row < 20; row++)
        {
            foreach (ref float x in inputs.View.Row(row)) x *= scale;
        }
        int[] labels = [.. Enumerable.Range(0, 20).Select(i => i % 3)];
        for (int step = 0; step < 3; step++) trainer.Step(inputs.View, labels);
        foreach (Layer layer in trainer.ToNetwork().Layers)
        {
            for (int row = 0; row < layer.Outputs; row++) Assert.All(layer.Weights.Row(row).ToArray(), w => Assert.True(float.IsFinite(w)));
        }
    }

    [Theory]
    [InlineData(90, 70, 130, 40)]
    [InlineData(100, 300, 20, 10)]
    [InlineData(150, 64, 96, 10)]
    public void Steps_at_the_size_of_blocked_kernels_follow_the_equations(int batch, int inputs, int hidden, int outputs)
    {
        TrainingCase c = TrainingCase.OfShape([inputs, hidden, outputs], batch);
        ReferenceTrainer reference = c.Reference();
        using var trainer = new PaperTrainer(c.Network, c.Options with { Threads = 2 });
        Matrix x = c.Random(batch, inputs, 1);
        int[] labels = c.RandomLabels();
        trainer.Step(x.View, labels);
        reference.Step(TrainingCase.ToDouble(x.View), c.OneHot(labels));
        Network network = trainer.ToNetwork();
        for (int i = 0; i < 2; i++) AssertClose(reference.Weights[i], network.Layers[i].Weights, $"layer {i}");
    }

    [Fact]
    public void Wrong_options_are_refused_by_name()
    {
        Network start = PredictionTests.RandomNetwork([4, 5, 3], bias: false);
        void Refused(string name, PaperOptions options) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => new PaperTrainer(start, options)).ParamName);
        Refused("Mu", new PaperOptions { Mu = 0 });
        Refused("Mu", new PaperOptions { Mu = float.NaN });
        Refused("MuPerLayer", new PaperOptions { MuPerLayer = new float[] { 1, -1 } });
        Refused("layers", new PaperOptions { MuPerLayer = new float[] { 1, 1, 1 } });
        Refused("Sweeps", new PaperOptions { Sweeps = 0 });
        Refused("WeightSteps", new PaperOptions { WeightSteps = 0 });
        Refused("TotalSteps", new PaperOptions { Schedule = StepSchedule.Linear });
        Refused("Ridge", new PaperOptions { Ridge = float.PositiveInfinity });
        Refused("GuardRelaxation", new PaperOptions { GuardRelaxation = -1 });
        Refused("MaxBatch", new PaperOptions { MaxBatch = 0 });
        Refused("Threads", new PaperOptions { Threads = -1 });
        Refused("Threads", new PaperOptions { Threads = 5000 });
        Refused("Schedule", new PaperOptions { Schedule = (StepSchedule)9 });
        Network biased = PredictionTests.RandomNetwork([4, 3], bias: true);
        Assert.Throws<ArgumentException>("start", () => new PaperTrainer(biased, new PaperOptions()));
    }

    [Fact]
    public void Wrong_batches_are_refused_before_any_work()
    {
        Network start = PredictionTests.RandomNetwork([4, 5, 3], bias: false);
        using var trainer = new PaperTrainer(start, new PaperOptions { MaxBatch = 2, Threads = 1 });
        Assert.Throws<InvalidOperationException>(trainer.UpdateActivations);
        Assert.Throws<ArgumentException>(() => trainer.Begin(new Matrix(1, 3).View, [0]));
        Assert.Throws<ArgumentException>(() => trainer.Begin(new Matrix(3, 4).View, [0, 0, 0]));
        Assert.Throws<ArgumentException>(() => trainer.Begin(new Matrix(1, 4).View, [3]));
        Assert.Throws<ArgumentException>(() => trainer.Begin(new Matrix(1, 4).View, [0, 1]));
        Assert.Throws<ArgumentException>(() => trainer.Begin(new Matrix(1, 4).View, new Matrix(1, 4).View));
        Assert.Throws<InvalidOperationException>(() => trainer.Objective());
    }

    private static Network TrainLarge(int threads)
    {
        Network start = PredictionTests.RandomNetwork([150, 257, 130, 10], bias: false);
        using var trainer = new PaperTrainer(start, new PaperOptions { Threads = threads, MaxBatch = 140 });
        for (int step = 0; step < 3; step++)
        {
            Matrix inputs = PredictionTests.RandomMatrix(140, 150, (ulong)step);
            trainer.Step(inputs.View, [.. Enumerable.Range(0, 140).Select(i => i % 10)]);
        }
        return trainer.ToNetwork();
    }

    private static double[,] Product(double[,] x, double[,] weights) => ReferenceMatrix.Multiply(x, ReferenceMatrix.Transpose(weights));

    private static void AssertClose(double[,] expected, ReadOnlyMatrixView actual, string what)
    {
        double scale = 1 + expected.Cast<double>().Max(Math.Abs);
        for (int r = 0; r < actual.Rows; r++)
        {
            for (int c = 0; c < actual.Cols; c++)
                Assert.True(Math.Abs(expected[r, c] - actual[r, c]) < 2e-3 * scale, $"{what}: [{r}, {c}] is {actual[r, c]}, not {expected[r, c]}.");
        }
    }
}
