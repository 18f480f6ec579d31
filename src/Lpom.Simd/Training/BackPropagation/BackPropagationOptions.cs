namespace Lpom.Simd.Training.BackPropagation;

/// <summary>The settings of the baseline, validated by the trainer. Only <see cref="TotalSteps"/> must be given.</summary>
public readonly record struct BackPropagationOptions
{
    /// <summary>The usual settings.</summary>
    public BackPropagationOptions()
    {
    }

    /// <summary>The optimizer.</summary>
    public Optimizer Optimizer { get; init; } = Optimizer.Sgd;

    /// <summary>The step size; null for 0.05 with <see cref="Optimizer.Sgd"/> and 0.001 with <see cref="Optimizer.Adam"/>. Positive.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Momentum, Adam's β₁; from 0 to below 1.</summary>
    public float Momentum { get; init; } = 0.9f;

    /// <summary>Adam's β₂, from 0 to below 1.</summary>
    public float SquareMomentum { get; init; } = 0.999f;

    /// <summary>Adam's ε, positive.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Per unit of step size, the part of the weights that a step takes away; from 0.</summary>
    public float WeightDecay { get; init; }

    /// <summary>The part of every target that is spread over all classes (cross-entropy only), from 0 to below 1.</summary>
    public float LabelSmoothing { get; init; } = 0.1f;

    /// <summary>The part of the inputs that is set to zero at random in every step, from 0 to below 1; the others grow to make up for it.</summary>
    public float InputDropout { get; init; }

    /// <summary>The last part of the run over which the weights are averaged, from 0 (the last weights count) to below 1.</summary>
    public float AveragedPart { get; init; }

    /// <summary>How the steps shrink over <see cref="TotalSteps"/> batches.</summary>
    public StepSchedule Schedule { get; init; } = StepSchedule.Linear;

    /// <summary>The batches T of the whole run, for a schedule that is not constant or an average; beyond the last one the weights of a schedule stay.</summary>
    public int TotalSteps { get; init; }

    /// <summary>Steps of the run that are behind the start: where schedule, dropout and average go on.</summary>
    public int FirstStep { get; init; }

    /// <summary>The most samples of one batch, from 1.</summary>
    public int MaxBatch { get; init; } = 100;

    /// <summary>Threads; 0 for one per processor. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>The seed of the dropout.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What every trainer on rows does alike.</summary>
    internal RowTrainerOptions OnRows => new(MaxBatch, Threads, LabelSmoothing, InputDropout, AveragedPart, TotalSteps, FirstStep, Seed, Parallelism.Products);

    /// <summary><see cref="LearningRate"/>, or the optimizer's own.</summary>
    internal float Rate => LearningRate ?? (Optimizer == Optimizer.Sgd ? 0.05f : 0.001f);

    /// <summary>The same, checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range; the message names it.</exception>
    internal BackPropagationOptions Validated()
    {
        OptionChecks.AtLeast((int)Optimizer, 0, nameof(Optimizer));
        OptionChecks.AtMost((int)Optimizer, (int)Optimizer.Adam, nameof(Optimizer));
        OptionChecks.Positive(Rate, nameof(LearningRate));
        OptionChecks.Fraction(Momentum, nameof(Momentum));
        OptionChecks.Fraction(SquareMomentum, nameof(SquareMomentum));
        OptionChecks.Positive(Epsilon, nameof(Epsilon));
        OptionChecks.Fraction(WeightDecay * Rate, nameof(WeightDecay));
        OptionChecks.Fraction(LabelSmoothing, nameof(LabelSmoothing));
        OptionChecks.Fraction(InputDropout, nameof(InputDropout));
        OptionChecks.Average(AveragedPart, TotalSteps);
        OptionChecks.Run(Schedule, TotalSteps, FirstStep, MaxBatch, Threads);
        return this;
    }
}
