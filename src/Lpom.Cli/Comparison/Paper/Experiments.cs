using Lpom.Cli.Options;

namespace Lpom.Cli.Comparison.Paper;

/// <summary>The experiments of [L19], of deep networks and of an autoencoder, by name.</summary>
internal static class Experiments
{
    private const string Relu = "relu";

    private static readonly string[] Compared = [TrainSettings.StreamingMethod, TrainSettings.PaperMethod, TrainSettings.SgdMethod];

    private static readonly Experiment[] Available =
    [
        new()
        {
            Name = "table",
            Title = "Five networks on MNIST",
            Data = "mnist",
            Epochs = 17,
            PaperEpochs = 17,
            Methods = Compared,
            Networks =
            [
                new([300], Relu, Lpom: 97.7),
                new([300, 100], Relu, Lpom: 96.9),
                new([500, 150], Relu, Lpom: 97.1),
                new([500, 200, 100], Relu, Lpom: 96.2),
                new([400, 200, 100, 50], Relu, Lpom: 96.1),
            ],
        },
        new()
        {
            Name = "mnist-figure",
            Title = "Three wide layers on MNIST",
            Data = "mnist",
            Epochs = 10,
            PaperEpochs = 100,
            Methods = Compared,
            Networks = [new([2048, 2048, 2048], Relu, Lpom: 98.2, Sgd: 98.0)],
        },
        new()
        {
            Name = "cifar-figure",
            Title = "Three wide layers on CIFAR-10",
            Data = "cifar10",
            Epochs = 10,
            PaperEpochs = 100,
            Methods = Compared,
            Networks = [new([4000, 1000, 4000], Relu, Lpom: 52.5, Sgd: 47.5)],
        },
        new()
        {
            Name = "deep",
            Title = "Twenty layers of saturating activations on MNIST",
            Data = "mnist",
            Epochs = 15,
            Methods = [.. Compared, TrainSettings.AdamMethod],
            Networks = [.. ((string[])["sigmoid", "clip01", "tanh", "hard-sigmoid"]).Select(activation => new ExperimentNetwork([.. Enumerable.Repeat(64, 19)], activation))],
        },
        new()
        {
            Name = "autoencoder",
            Title = "An autoencoder on MNIST",
            Data = "mnist",
            Epochs = 5,
            Task = LearningTask.Autoencode,
            Methods = [TrainSettings.StreamingMethod, TrainSettings.AdamMethod, TrainSettings.SgdMethod],

            // With its default SGD diverges; this was the best of 0.002, 0.005, 0.01 and 0.02, as Adam's default was of 0.0005, 0.001 and 0.002.
            LearningRates = new Dictionary<string, float> { [TrainSettings.SgdMethod] = 0.01f },
            Networks = [new([1000, 500, 250, 30, 250, 500, 1000], Relu)],
        },
    ];

    /// <summary>Every name.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Available.Select(e => e.Name)];

    /// <summary>An experiment by one of the names.</summary>
    public static Experiment Named(string name) => Available.Single(e => e.Name == name);
}
