using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Reference;
using Lpom.Simd.Tests.Support;
using Lpom.Simd.Training.Paper;

namespace Lpom.Simd.Tests.Training.Paper;

/// <summary>Each stage lowers the part of eq. (3) that it claims to lower, under its stated condition.</summary>
public class DescentTests
{
    [Fact]
    public void The_output_update_does_not_raise_its_objective_when_mu_is_at_least_the_curvature() => Properties.Hold(TrainingCase.Seeds, seed =>
    {
        TrainingCase c = TrainingCase.Of(seed);
        using var context = new KernelContext(1);
        PaperLayer layer = c.State(c.Network.Layers.Count - 1);
        FillProductAndOutput(c, context, layer);
        int[] labels = c.RandomLabels();
        double[,] oneHot = c.OneHot(labels);
        var targets = new Matrix(c.Batch, layer.Outputs);
        for (int row = 0; row < c.Batch; row++) targets.View[row, labels[row]] = 1;
        double[,] a = TrainingCase.ToDouble(layer.Product);
        double Objective()
        {
            double[,] x = TrainingCase.ToDouble(layer.Output);
            return c.LossOf(x, oneHot) + (layer.Mu * Descent.Penalty(c.References[^1], x, a));
        }
        double before = Objective();
        OutputUpdate.Apply(context, layer, targets.View, c.Network.Loss);
        Descent.AssertNotRaised(before, Objective(), c.Description);
    }, count: 100);

    [Fact]
    public void The_activation_update_does_not_raise_its_objective_with_the_true_norm_and_relaxation_1() => Properties.Hold(TrainingCase.Seeds, seed =>
    {
        TrainingCase c = TrainingCase.Of(seed);
        if (c.Network.Layers.Count < 2) return;
        using var context = new KernelContext(1);
        PaperLayer below = c.State(0);
        PaperLayer above = c.State(1);
        FillProductAndOutput(c, context, below);
        FillProductAndOutput(c, context, above);
        double[,] weights = TrainingCase.ToDouble(above.Weights.View);
        double[,] a = TrainingCase.ToDouble(below.Product);
        double[,] target = TrainingCase.ToDouble(above.Output);
        double Objective()
        {
            double[,] x = TrainingCase.ToDouble(below.Output);
            double[,] z = ReferenceMatrix.Multiply(x, ReferenceMatrix.Transpose(weights));
            return (below.Mu * Descent.Penalty(c.References[0], x, a)) + (above.Mu * Descent.Penalty(c.References[1], target, z));
        }
        Gemm.Multiply(context, GemmForm.NT, below.Output, above.Weights.View, above.Product);
        float theta = ActivationUpdate.Theta(below, above, (float)ReferenceMatrix.SquaredNorm(weights), relaxation: 1);
        double before = Objective();
        ActivationUpdate.Apply(context, below, above, below.PreActivation, theta);
        Descent.AssertNotRaised(before, Objective(), c.Description);
    }, count: 100);

    [Fact]
    public void The_weight_solve_does_not_raise_its_objective() => Properties.Hold(TrainingCase.Seeds, seed =>
    {
        TrainingCase c = TrainingCase.Of(seed);
        using var context = new KernelContext(1);
        PaperLayer layer = c.State(0);
        FillProductAndOutput(c, context, layer);
        Matrix input = c.Random(c.Batch, layer.Inputs, 1);
        double[,] x = TrainingCase.ToDouble(input.View);
        double[,] target = TrainingCase.ToDouble(layer.Output);
        double Objective()
        {
            double[,] z = ReferenceMatrix.Multiply(x, ReferenceMatrix.Transpose(TrainingCase.ToDouble(layer.Weights.View)));
            return Descent.Penalty(c.References[0], target, z);
        }
        double before = Objective();
        Solve(context, layer, input, c.Options.Ridge);
        Descent.AssertNotRaised(before, Objective(), c.Description);
    }, count: 100);

    [Theory]
    [InlineData(5, 9)]
    [InlineData(9, 5)]
    public void Both_shapes_of_the_pseudo_inverse_fit_a_linear_layer_at_a_small_ridge(int batch, int inputs)
    {
        using var context = new KernelContext(1);
        Network start = PredictionTests.RandomNetwork([inputs, 3], bias: false);
        var layer = new PaperLayer(start.Layers[0], 0, 1, new PaperOptions { MaxBatch = batch });
        layer.SetRows(batch);
        Matrix input = PredictionTests.RandomMatrix(batch, inputs, 8);
        Matrix truth = PredictionTests.RandomMatrix(3, inputs, 9);
        Gemm.Multiply(context, GemmForm.NT, input.View, truth.View, layer.Output);
        Solve(context, layer, input, 1e-6f);
        Gemm.Multiply(context, GemmForm.NT, input.View, layer.Weights.View, layer.Product);
        for (int row = 0; row < batch; row++)
        {
            for (int o = 0; o < 3; o++) Assert.Equal(layer.Output[row, o], layer.Product[row, o], 1e-3f);
        }
    }

    [Fact]
    public void The_power_iteration_is_a_lower_estimate_that_reaches_the_norm() => Properties.Hold(TrainingCase.Seeds, seed =>
    {
        TrainingCase c = TrainingCase.Of(seed);
        using var context = new KernelContext(1);
        PaperLayer layer = c.State(0);
        double norm = ReferenceMatrix.SquaredNorm(TrainingCase.ToDouble(layer.Weights.View));
        float estimate = 0;
        for (int step = 0; step < 300; step++)
        {
            estimate = SpectralNorm.Step(context, layer);
            Assert.True(estimate <= norm * 1.0001, c.Description);
        }
        Assert.True(estimate >= norm * 0.98, $"{c.Description}: {estimate} of {norm}");
    }, count: 50);

    private static void FillProductAndOutput(TrainingCase c, KernelContext context, PaperLayer layer)
    {
        c.Random(c.Batch, layer.Outputs, 2).View.CopyTo(layer.Product);
        c.Random(c.Batch, layer.Outputs, 2).View.CopyTo(layer.PreActivation);
        layer.Activation.Apply(context, layer.PreActivation, layer.Output);
    }

    private static void Solve(KernelContext context, PaperLayer layer, Matrix input, float ridge)
    {
        Gemm.Multiply(context, GemmForm.NT, input.View, layer.Weights.View, layer.Product);
        layer.Activation.Residual(context, layer.Product, layer.Output, layer.Residual);
        Assert.True(WeightSolve.Factor(context, layer, input.View, ridge));
        WeightSolve.Apply(context, layer, input.View, steps: 1, scale: 1);
    }
}
