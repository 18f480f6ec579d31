using Lpom.Cli.Training.Checkpoints;
using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Cli.Options;

/// <summary>What <c>train</c> was asked to do; every value by itself is in range.</summary>
internal sealed record TrainSettings
{
    /// <summary>The data when none is given.</summary>
    public const string BuiltInData = "digits";

    /// <summary>LPOM in streaming mode.</summary>
    public const string StreamingMethod = "lpom";

    /// <summary>LPOM as in [L19].</summary>
    public const string PaperMethod = "lpom-paper";

    /// <summary>Back-propagation with momentum.</summary>
    public const string SgdMethod = "sgd";

    /// <summary>Back-propagation with Adam.</summary>
    public const string AdamMethod = "adam";

    /// <summary>Every method, the default first.</summary>
    public static readonly string[] Methods = [StreamingMethod, PaperMethod, SgdMethod, AdamMethod];

    public required string Data { get; init; }

    public required string? DataDir { get; init; }

    /// <summary>Column to be learnt; null for the last.</summary>
    public required string? Target { get; init; }

    /// <summary>Size that the images of a folder are brought to; null for their own.</summary>
    public required ImageSize? Resize { get; init; }

    /// <summary>As given; see <see cref="LayerSpec.Resolve(TrainSettings, Dataset)"/>.</summary>
    public required int[] Layers { get; init; }

    public required Activation Hidden { get; init; }

    /// <summary>auto, relu or identity.</summary>
    public required string OutputActivation { get; init; }

    public required Loss Loss { get; init; }

    /// <summary>Null: by the activation.</summary>
    public required InitialWeights? Init { get; init; }

    /// <summary>Null: by the depth, the activation and the start.</summary>
    public required bool? AdaptiveMu { get; init; }

    public required string Method { get; init; }

    public required LearningTask Task { get; init; }

    /// <summary>Null: by the size of the data.</summary>
    public required int? Epochs { get; init; }

    public required int Batch { get; init; }

    public required ulong Seed { get; init; }

    public required int Threads { get; init; }

    /// <summary>What <see cref="Parallelism.Rows"/> is called.</summary>
    public const string RowsParallel = "rows";

    /// <summary>What <see cref="Parallelism.Synchronous"/> is called.</summary>
    public const string SynchronousParallel = "sync";

    /// <summary>What <see cref="Parallelism.Asynchronous"/> is called.</summary>
    public const string AsynchronousParallel = "async";

    /// <summary>What <see cref="Distribution.Units"/> is called.</summary>
    public const string UnitsDistribution = "mpi";

    /// <summary>What <see cref="Distribution.Layers"/> is called.</summary>
    public const string LayersDistribution = "mpi-layers";

    /// <summary>What the processes of an MPI job divide.</summary>
    public Distribution Distribution { get; init; }

    /// <summary>Whether the processes of an MPI job train together.</summary>
    public bool IsDistributed => Distribution != Distribution.None;

    /// <summary>Processes of the job.</summary>
    public int Ranks { get; init; } = 1;

    /// <summary>How threads share a step.</summary>
    public Parallelism Parallelism { get; init; }

    /// <summary>Null: by the method, and the depth of the network.</summary>
    public required float? Mu { get; init; }

    /// <summary>Null: by the method.</summary>
    public required float? LearningRate { get; init; }

    /// <summary>Null: by the method.</summary>
    public required float? WeightDecay { get; init; }

    /// <summary>Null: by the method.</summary>
    public required float? LabelSmoothing { get; init; }

    /// <summary>The part of the inputs that every step drops.</summary>
    public required float Dropout { get; init; }

    /// <summary>The last part of the run over which the weights are averaged.</summary>
    public required float AveragedPart { get; init; }

    /// <summary>Epochs without a better validation figure after which training stops; null: it never does.</summary>
    public required int? Patience { get; init; }

    public required StepSchedule Schedule { get; init; }

    /// <summary>Training rows held out of training; null: none, or a tenth when patience asks for them.</summary>
    public required int? Validation { get; init; }

    public required string Output { get; init; }

    /// <summary>Null: no checkpoints.</summary>
    public required CheckpointSettings? Checkpoint { get; init; }

    /// <summary>Where the lines of JSON go also; null for nowhere.</summary>
    public required string? Log { get; init; }

    /// <summary>Where a report goes; null for nowhere.</summary>
    public required string? Report { get; init; }

    public required bool Json { get; init; }

    public required bool Quiet { get; init; }

    /// <summary>What a way to share a step is called; null for the usual one.</summary>
    public static string? NameOf(Parallelism parallelism) => parallelism switch
    {
        Parallelism.Rows => RowsParallel,
        Parallelism.Synchronous => SynchronousParallel,
        Parallelism.Asynchronous => AsynchronousParallel,
        _ => null,
    };

    /// <summary>What a distribution is called; null for none.</summary>
    public static string? NameOf(Distribution distribution) => distribution switch
    {
        Distribution.Units => UnitsDistribution,
        Distribution.Layers => LayersDistribution,
        _ => null,
    };

    /// <summary>The same for some data: the whole network's widths, and the epochs.</summary>
    /// <exception cref="BadInputException">The network does not fit the data.</exception>
    public TrainSettings For(Dataset data) => this with
    {
        Layers = LayerSpec.Resolve(this, data),
        Epochs = Epochs ?? TrainCommandOptions.DefaultEpochs(data.Train.Rows, Batch),
    };

    /// <summary>How many of so many training rows are held out of training.</summary>
    public int ValidationOf(int trainingRows) => Validation ?? (Patience is null ? 0 : trainingRows / 10);

    /// <summary>The penalty μ of the method for a network of so many layers; null for a method without.</summary>
    public float? MuOf(int layers) => Method switch
    {
        PaperMethod => Mu ?? DefaultPaperMu(layers),
        StreamingMethod => Mu ?? new StreamingOptions().Mu,
        _ => null,
    };

    /// <summary>How the weights start; paper mode has no biases, which the orthogonal start needs.</summary>
    public InitialWeights StartWeights => Method == PaperMethod ? InitialWeights.Glorot : Init ?? NetworkInit.Preferred(Hidden);

    /// <summary>The start network of so many inputs, hidden widths and outputs.</summary>
    public Network CreateStart(int[] widths) => new(StartLayers(widths), Loss);

    /// <summary>The layers of <see cref="CreateStart"/>, each made when it is asked for.</summary>
    public IEnumerable<Layer> StartLayers(int[] widths) => StartWeights == InitialWeights.Orthogonal
        ? NetworkInit.OrthogonalLayers(widths, ActivationsOf(widths), Seed)
        : NetworkInit.GlorotLayers(widths, ActivationsOf(widths), Seed, hasBiases: Method != PaperMethod);

    /// <summary>
    /// The penalty μ of paper mode when none is given. Every layer makes up for its whole deviation, so the output moves by about as many
    /// times 1/μ; 1.5 a layer was the best of those tried on MNIST with the linear schedule.
    /// </summary>
    public static float DefaultPaperMu(int layers) => 1.5f * layers;

    /// <summary>The activation of every layer; an autoencoder's code, the first narrowest hidden layer, is linear.</summary>
    public Activation[] ActivationsOf(ReadOnlySpan<int> widths)
    {
        int hidden = widths.Length - 2;
        Activation[] activations = [.. Enumerable.Repeat(Hidden, hidden), OutputOf(hidden)];
        if (Task == LearningTask.Autoencode && hidden > 0)
        {
            _ = Activation.TryGet("identity", out Activation? linear);
            ReadOnlySpan<int> between = widths[1..^1];
            activations[between.IndexOf(System.Numerics.Tensors.TensorPrimitives.Min(between))] = linear!;
        }

        return activations;
    }

    /// <summary>The output layer's activation: auto is ReLU behind ReLU layers in paper mode with least squares, else linear.</summary>
    private Activation OutputOf(int hiddenLayers)
    {
        bool auto = Method == PaperMethod && hiddenLayers > 0 && Hidden.Name == "relu" && Loss == Loss.LeastSquares;
        bool relu = OutputActivation == "relu" || (OutputActivation == "auto" && auto);
        _ = Activation.TryGet(relu ? "relu" : "identity", out Activation? output);
        return output!;
    }
}
