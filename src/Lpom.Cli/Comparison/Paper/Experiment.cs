using Lpom.Cli.Options;

namespace Lpom.Cli.Comparison.Paper;

/// <summary>A network of an experiment.</summary>
/// <param name="Hidden">Widths of the hidden layers.</param>
/// <param name="Activation">Of the hidden layers.</param>
/// <param name="Lpom">The test accuracy that [L19] gives for LPOM, in percent; null for none.</param>
/// <param name="Sgd">And for SGD.</param>
internal sealed record ExperimentNetwork(int[] Hidden, string Activation, double? Lpom = null, double? Sgd = null);

/// <summary>An experiment on a named data set.</summary>
internal sealed record Experiment
{
    /// <summary>On the command line.</summary>
    public required string Name { get; init; }

    /// <summary>Heading of its section.</summary>
    public required string Title { get; init; }

    public required string Data { get; init; }

    /// <summary>Epochs when none are given.</summary>
    public required int Epochs { get; init; }

    /// <summary>Epochs behind the figures of [L19]; null when it has none.</summary>
    public int? PaperEpochs { get; init; }

    /// <summary>What the networks learn.</summary>
    public LearningTask Task { get; init; } = LearningTask.Classify;

    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>Step sizes by method, where they are not those of <c>train</c>.</summary>
    public IReadOnlyDictionary<string, float> LearningRates { get; init; } = new Dictionary<string, float>();

    public required IReadOnlyList<ExperimentNetwork> Networks { get; init; }

    /// <summary>What each network's methods are trained with: the defaults of <c>train</c> for all that the experiment leaves open.</summary>
    /// <param name="network">One of the experiment's.</param>
    /// <param name="request">What the user asked for.</param>
    public ComparisonSettings SettingsOf(ExperimentNetwork network, ExperimentRequest request) => new()
    {
        Methods =
        [
            .. Methods.Select(method => TrainCommandOptions.Read("--data", Data, "--layers", string.Join('-', network.Hidden), "--activation", network.Activation, "--task", Task.ToString().ToLowerInvariant(), "--method", method) with
            {
                DataDir = request.DataDir,
                Epochs = request.Epochs ?? Epochs,
                Threads = request.Threads,
                LearningRate = LearningRates.TryGetValue(method, out float rate) ? rate : null,
                Json = request.Json,
                Quiet = request.Quiet,
            }),
        ],
        Seeds = request.Seeds,
    };
}

/// <summary>What <c>reproduce</c> was asked to do; every value by itself is in range.</summary>
/// <param name="DataDir">Folder to look for the data in; null for none.</param>
/// <param name="Epochs">Null: as the experiment has.</param>
/// <param name="Seeds">From 1 to this.</param>
/// <param name="Threads">From 1.</param>
/// <param name="Output">File whose section is written; null for the standard output.</param>
/// <param name="Json">Whether lines of JSON are asked for.</param>
/// <param name="Quiet">Whether to say nothing but errors.</param>
internal sealed record ExperimentRequest(string? DataDir, int? Epochs, int Seeds, int Threads, string? Output, bool Json, bool Quiet);
