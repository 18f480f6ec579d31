using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Training.Streaming;

public sealed class DeepNetworkTests
{
    private const int HiddenLayers = 12, Width = 20;
    private static readonly Dataset Digits = NamedData.Load("digits");

    [Fact]
    public void Adaptive_penalties_give_every_hidden_deviation_the_same_size()
    {
        double[] residuals = Residuals(Glorot("sigmoid", HiddenLayers), adaptive: true, out float mu);
        for (int i = 0; i < HiddenLayers; i++) Assert.Equal(0.2 / mu, residuals[i], 0.02 / mu);
    }

    [Fact]
    public void With_equal_penalties_the_signal_fades_from_glorots_start_and_not_from_the_orthogonal_one()
    {
        double[] glorot = Residuals(Glorot("sigmoid", HiddenLayers), adaptive: false, out _);
        double[] orthogonal = Residuals(Orthogonal("sigmoid", HiddenLayers), adaptive: false, out _);
        Assert.True(glorot[0] < 1e-5 * glorot[^1], $"{glorot[0]} of {glorot[^1]}");
        Assert.True(orthogonal[0] > 0.01 * orthogonal[^1], $"{orthogonal[0]} of {orthogonal[^1]}");
    }

    [Theory]
    [InlineData("relu", 3)]
    [InlineData("sigmoid", 2)]
    public void Shallow_networks_have_the_plain_settings(string name, int hiddenLayers) =>
        Assert.Equal(new StreamingOptions(), StreamingOptions.For(Glorot(name, hiddenLayers)));

    [Theory]
    [InlineData("relu")]
    [InlineData("sigmoid")]
    public void With_least_squares_the_depth_changes_the_trust_radius_alone(string name)
    {
        Network start = NetworkInit.Glorot(Widths(HiddenLayers), ModelFiles.Named(name), ModelFiles.Named("identity"), Loss.LeastSquares, seed: 1, hasBiases: true);
        StreamingOptions plain = new(), deep = StreamingOptions.For(start);
        Assert.Equal((plain.LearningRate, plain.WeightDecay, plain.Damping), (deep.LearningRate, deep.WeightDecay, deep.Damping));
        Assert.Equal(plain.TrustRadius * Math.Pow(2.0 / (HiddenLayers + 1), 1.5), deep.TrustRadius, 1e-6);
    }

    [Theory]
    [InlineData("sigmoid", true)]
    [InlineData("tanh", false)]
    public void Penalties_adapt_where_glorots_start_lets_the_signal_fade(string name, bool expected)
    {
        Assert.Equal(expected, StreamingOptions.For(Glorot(name, HiddenLayers)).AdaptiveMu);
        Assert.False(StreamingOptions.For(Orthogonal(name, HiddenLayers)).AdaptiveMu);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_decides_on_adaptive_penalties_gets_the_settings_that_belong_to_them(bool adaptive)
    {
        Network start = Glorot(adaptive ? "tanh" : "sigmoid", HiddenLayers), like = Glorot(adaptive ? "sigmoid" : "tanh", HiddenLayers);
        Assert.NotEqual(StreamingOptions.For(like), StreamingOptions.For(start));
        Assert.Equal(StreamingOptions.For(like), StreamingOptions.For(start, adaptive));
    }

    [Theory]
    [InlineData("sigmoid")]
    [InlineData("tanh")]
    [InlineData("clip01")]
    public void Twelve_saturating_layers_learn_digits_with_the_settings_for_them(string name)
    {
        const int Epochs = 12;
        Network start = Orthogonal(name, HiddenLayers);
        var batches = new Batches(Digits.Train, size: 20, seed: 1);
        using StreamingTrainer trainer = Trainer(start, StreamingOptions.For(start) with { TotalSteps = Epochs * (Digits.Train.Rows / 20), MaxBatch = 20 });
        for (int epoch = 1; epoch <= Epochs; epoch++)
        {
            foreach (Batch batch in batches.Epoch(epoch)) trainer.Step(batch.Inputs, batch.Labels);
        }
        double accuracy = Accuracy(trainer.ToNetwork());
        Assert.True(accuracy >= 0.85, $"{accuracy:P1}");
    }

    private static double[] Residuals(Network start, bool adaptive, out float mu)
    {
        var options = new StreamingOptions { TotalSteps = 1, AdaptiveMu = adaptive };
        mu = options.Mu;
        using StreamingTrainer trainer = Trainer(start, options);
        int[] rows = [.. Enumerable.Range(0, options.MaxBatch)];
        StepReport report = trainer.StepOnRows(rows, [.. rows.Select(row => (int)Digits.Train.Label(row))]);
        return report.Residuals.ToArray();
    }

    private static StreamingTrainer Trainer(Network start, StreamingOptions options) => new(start, options with { Threads = 1 }, Digits.Train);

    private static double Accuracy(Network network)
    {
        using var workspace = Workspace.For(network, maxBatch: 1);
        float[] pixels = new float[Digits.Features];
        int correct = 0;
        for (int row = 0; row < Digits.Test.Rows; row++)
        {
            Digits.Test.CopyInputs(row, 1, pixels, pixels.Length);
            if (network.PredictLabel(pixels, workspace) == Digits.Test.Label(row)) correct++;
        }
        return (double)correct / Digits.Test.Rows;
    }

    private static Network Glorot(string name, int hiddenLayers) =>
        NetworkInit.Glorot(Widths(hiddenLayers), ModelFiles.Named(name), ModelFiles.Named("identity"), Loss.CrossEntropy, seed: 1, hasBiases: true);

    private static Network Orthogonal(string name, int hiddenLayers) =>
        NetworkInit.Orthogonal(Widths(hiddenLayers), ModelFiles.Named(name), ModelFiles.Named("identity"), Loss.CrossEntropy, seed: 1);

    private static int[] Widths(int hiddenLayers) => [Digits.Features, .. Enumerable.Repeat(Width, hiddenLayers), Digits.Classes];
}
