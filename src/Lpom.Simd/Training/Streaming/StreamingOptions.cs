using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Streaming.Stages;

namespace Lpom.Simd.Training.Streaming;

/// <summary>
/// The settings of streaming mode, validated by the trainer. The defaults are one set of constants for all data and for networks of few
/// layers; <see cref="For(Network, bool?)"/> has those of any network. Only <see cref="TotalSteps"/> must be given.
/// </summary>
public readonly record struct StreamingOptions
{
    // Up to here the plain settings hold; below this part of its size a deviation has faded.
    private const int ShallowLayers = 4;
    private const double FadedSize = 0.01;
    private const float LargestDimensionPart = 0.25f;

    // Deep networks of saturating units stall now and then at the rate that is best for few layers.
    private const float DeepLearningRate = 3f;

    // Twenty layers of ReLU at a batch of 32 mostly died within the first steps without, and with a hundred, too.
    private const int DeepWarmUp = 300;

    /// <summary>The recipe's settings.</summary>
    public StreamingOptions()
    {
    }

    /// <summary>The penalty μ of every layer in eq. (3), positive: activations move by about 1/μ times the gradient of the loss.</summary>
    public float Mu { get; init; } = 20f;

    /// <summary>
    /// Whether the ratio of the penalties is chosen per layer and batch so that the deviation of every hidden layer has the same size,
    /// eq. (9): for deep networks whose signal fades on the way down.
    /// </summary>
    public bool AdaptiveMu { get; init; }

    /// <summary>η of the weight solve (8), positive.</summary>
    public float LearningRate { get; init; } = 4f;

    /// <summary>Momentum of the weight steps, from 0 to below 1.</summary>
    public float Momentum { get; init; } = 0.9f;

    /// <summary>The part of the weights that a step takes away at the schedule's full size, from 0 to below 1.</summary>
    public float WeightDecay { get; init; } = 1.5e-3f;

    /// <summary>κ: the trust bound on the root mean square change of a layer's pre-activations that a step predicts; positive.</summary>
    public float TrustRadius { get; init; } = 0.1f;

    /// <summary>λ of the hidden layers' Gram matrices, relative to their trace; positive.</summary>
    public float Damping { get; init; } = 0.0033f;

    /// <summary>The least weight of a new batch in a running Gram matrix, above 0 and below 1.</summary>
    public float GramRate { get; init; } = 0.05f;

    /// <summary>The effective dimension Σ e/(e + λ₀) that λ₀ leaves of the data's Gram matrix; positive.</summary>
    public float EffectiveDimension { get; init; } = 14f;

    /// <summary>The part of every target that is spread over all classes (cross-entropy only), from 0 to below 1.</summary>
    public float LabelSmoothing { get; init; } = 0.1f;

    /// <summary>The part of the inputs that is set to zero at random in every step, from 0 to below 1; the others grow to make up for it.</summary>
    public float InputDropout { get; init; }

    /// <summary>The last part of the run over which the weights are averaged, from 0 (the last weights count) to below 1.</summary>
    public float AveragedPart { get; init; }

    /// <summary>Steps over which the weight steps grow to their size; at most a tenth of a run with a schedule. 0 to begin at full size.</summary>
    public int WarmUpSteps { get; init; }

    /// <summary>How the weight steps shrink over <see cref="TotalSteps"/> batches.</summary>
    public StepSchedule Schedule { get; init; } = StepSchedule.Linear;

    /// <summary>The batches T of the whole run, for a schedule that is not constant or an average; beyond the last one the weights of a schedule stay.</summary>
    public int TotalSteps { get; init; }

    /// <summary>Steps of the run that are behind the start: where schedule, dropout and average go on.</summary>
    public int FirstStep { get; init; }

    /// <summary>The most samples of one batch, from 1.</summary>
    public int MaxBatch { get; init; } = 100;

    /// <summary>Threads; 0 for one per processor. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>How the threads share the work.</summary>
    public Parallelism Parallelism { get; init; }

    /// <summary>
    /// The most batches at once with <see cref="Parallelism.Synchronous"/> and <see cref="Parallelism.Asynchronous"/>, from 1; 0 for one per
    /// block of layers, or as many as the size of the steps allows. A batch is fed forward by weights that lack the steps of fewer batches than that.
    /// </summary>
    public int BatchesInFlight { get; init; }

    /// <summary>The seed of the dropout.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>s of the schedule and the warm-up at a step from 0.</summary>
    internal float ScaleAt(int step)
    {
        int warmUp = Schedule == StepSchedule.Constant ? WarmUpSteps : Math.Min(WarmUpSteps, TotalSteps / 10);
        float scale = Schedule.ScaleAt(step, TotalSteps);
        return step < warmUp ? scale * (step + 1) / warmUp : scale;
    }

    /// <summary>What every trainer on rows does alike.</summary>
    internal RowTrainerOptions OnRows => new(MaxBatch, Threads, LabelSmoothing, InputDropout, AveragedPart, TotalSteps, FirstStep, Seed, Parallelism);

    /// <summary>
    /// The settings for a network, by its inputs, its depth and its start alone. Of few inputs the effective dimension is a quarter at
    /// most: the metric of more of a table's columns fits their noise. Beyond four layers every layer of n has the part f = 2/n of the
    /// decay and of η = 3, and √f times the trust radius and 1/√f times the damping, as the changes of all layers add up at the output,
    /// and the steps grow over the first three hundred: without, twenty rectified layers mostly die in them.
    /// With least squares, whose deviations have no bound, the trust radius is f^1.5 times its size beyond two layers instead, and the
    /// steps grow over the first hundred. The penalties adapt, eq. (9), where the deviation would arrive at the first layer with less than a hundredth of its size.
    /// Deep networks whose penalties adapt take two thirds of the step, a tenth of the decay and one and a half times the damping.
    /// </summary>
    /// <param name="start">The network to train.</param>
    /// <param name="adaptiveMu">Whether the penalties adapt; null to decide by the network.</param>
    public static StreamingOptions For(Network start, bool? adaptiveMu = null)
    {
        ArgumentNullException.ThrowIfNull(start);
        return For(start.Layers, start.Loss, adaptiveMu);
    }

    /// <summary>The same of a network that is too large to have at once.</summary>
    /// <param name="start">The layers of the network to train, from the first; may make each when it is asked for.</param>
    /// <param name="loss">Of the network.</param>
    /// <param name="adaptiveMu">Whether the penalties adapt; null to decide by the network.</param>
    /// <exception cref="ArgumentException">No layers.</exception>
    public static StreamingOptions For(IEnumerable<Layer> start, Loss loss, bool? adaptiveMu = null)
    {
        ArgumentNullException.ThrowIfNull(start);
        (int layers, int inputs, double sizeAtFirst) = Measure(start);
        if (layers == 0) throw new ArgumentException("A network needs a layer.", nameof(start));
        var options = new StreamingOptions { AdaptiveMu = adaptiveMu ?? (sizeAtFirst < FadedSize) };
        options = options with { EffectiveDimension = MathF.Min(options.EffectiveDimension, inputs * LargestDimensionPart) };
        float part = MathF.Min(1f, 2f / layers), root = MathF.Sqrt(part);
        if (loss == Loss.LeastSquares) return options with { TrustRadius = options.TrustRadius * part * root, WarmUpSteps = 100 };
        if (layers <= ShallowLayers) return options;
        options = options with
        {
            LearningRate = DeepLearningRate * part,
            WeightDecay = options.WeightDecay * part,
            TrustRadius = options.TrustRadius * root,
            Damping = options.Damping / root,
            WarmUpSteps = DeepWarmUp,
        };
        return options.AdaptiveMu
            ? options with { LearningRate = options.LearningRate * 2 / 3, WeightDecay = options.WeightDecay / 10, Damping = options.Damping * 1.5f }
            : options;
    }

    /// <summary>The same, checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range; the message names it.</exception>
    internal StreamingOptions Validated()
    {
        OptionChecks.Positive(Mu, nameof(Mu));
        OptionChecks.Positive(LearningRate, nameof(LearningRate));
        OptionChecks.Fraction(Momentum, nameof(Momentum));
        OptionChecks.Fraction(WeightDecay, nameof(WeightDecay));
        OptionChecks.Positive(TrustRadius, nameof(TrustRadius));
        OptionChecks.Positive(Damping, nameof(Damping));
        OptionChecks.Positive(GramRate, nameof(GramRate));
        OptionChecks.Fraction(GramRate, nameof(GramRate));
        OptionChecks.Positive(EffectiveDimension, nameof(EffectiveDimension));
        OptionChecks.Fraction(LabelSmoothing, nameof(LabelSmoothing));
        OptionChecks.Fraction(InputDropout, nameof(InputDropout));
        OptionChecks.AtLeast(WarmUpSteps, 0, nameof(WarmUpSteps));
        OptionChecks.AtLeast((int)Parallelism, 0, nameof(Parallelism));
        OptionChecks.AtMost((int)Parallelism, (int)Training.Parallelism.Asynchronous, nameof(Parallelism));
        CheckInFlight();
        OptionChecks.Average(AveragedPart, TotalSteps);
        OptionChecks.Run(Schedule, TotalSteps, FirstStep, MaxBatch, Threads);
        return this;
    }

    private void CheckInFlight()
    {
        OptionChecks.AtLeast(BatchesInFlight, 0, nameof(BatchesInFlight));
        if (BatchesInFlight < 2) return;
        OptionChecks.AtMost(BatchesInFlight, DelayedSteps.MostInFlight(this), nameof(BatchesInFlight), $": steps of LearningRate {LearningRate} with Momentum {Momentum} would not come to rest with more");
    }

    // Random deviations of size 1 above a layer arrive below it with ‖W‖/√inputs, and at most β times that is left behind φ.
    private static (int Layers, int Inputs, double SizeAtFirst) Measure(IEnumerable<Layer> start)
    {
        (int layers, int inputs, double size, double below) = (0, 0, 1, 0);
        foreach (Layer layer in start)
        {
            if (layers++ == 0) inputs = layer.Inputs;
            else size *= below * Norm(layer.Weights) / Math.Sqrt(layer.Inputs);
            below = layer.Activation.Lipschitz;
        }
        return (layers, inputs, size);
    }

    private static double Norm(ReadOnlyMatrixView weights)
    {
        double squares = 0;
        for (int row = 0; row < weights.Rows; row++)
        {
            foreach (float weight in weights.Row(row)) squares += (double)weight * weight;
        }
        return Math.Sqrt(squares);
    }
}
