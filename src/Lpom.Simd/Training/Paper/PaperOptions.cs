namespace Lpom.Simd.Training.Paper;

/// <summary>
/// The settings of paper mode, validated by the trainer. The defaults need to know nothing of the run; with its length, the linear
/// schedule and a smaller μ are better, and are the command line's.
/// </summary>
public readonly record struct PaperOptions
{
    /// <summary>The recipe's settings.</summary>
    public PaperOptions()
    {
    }

    /// <summary>The penalty μ of every layer in eq. (3), positive; 1/μ acts as the step size of learning.</summary>
    public float Mu { get; init; } = 20f;

    /// <summary>A penalty for each layer, from the first hidden to the output, instead of <see cref="Mu"/>; empty for equal ones.</summary>
    public ReadOnlyMemory<float> MuPerLayer { get; init; }

    /// <summary>Sweeps of activation updates per batch, from the output down, one iteration of eqs. (5) and (4) each; from 1.</summary>
    public int Sweeps { get; init; } = 2;

    /// <summary>
    /// h of the guard θ = min(1, h / (1 + rβᵢβᵢ₊₁s)), positive. 1 with the true ‖W‖² guarantees descent of eq. (4), 4 is the practical
    /// value.
    /// </summary>
    public float GuardRelaxation { get; init; } = 4f;

    /// <summary>Steps of eq. (7) per batch and layer, from 1; beyond the first they are Nesterov's.</summary>
    public int WeightSteps { get; init; } = 1;

    /// <summary>How the weight steps shrink over <see cref="TotalSteps"/> batches.</summary>
    public StepSchedule Schedule { get; init; } = StepSchedule.Constant;

    /// <summary>The batches T of the whole run, for a schedule that is not constant; beyond the last one the weights stay.</summary>
    public int TotalSteps { get; init; }

    /// <summary>The ridge ε of the pseudo-inverse in eq. (7), relative to the mean diagonal of the Gram matrix; positive.</summary>
    public float Ridge { get; init; } = 0.1f;

    /// <summary>Steps of the run that are behind the start: where the schedule goes on.</summary>
    public int FirstStep { get; init; }

    /// <summary>The most samples of one batch, from 1.</summary>
    public int MaxBatch { get; init; } = 100;

    /// <summary>Threads; 0 for one per processor. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>The seed of the start vectors of the power iteration.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Throws when a setting is out of its range.</summary>
    /// <param name="layers">Layers of the network to train.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range; the message names it.</exception>
    /// <exception cref="ArgumentException"><see cref="MuPerLayer"/> has another length than the network.</exception>
    internal void Validate(int layers)
    {
        OptionChecks.Positive(Mu, nameof(Mu));
        foreach (float mu in MuPerLayer.Span) OptionChecks.Positive(mu, nameof(MuPerLayer));
        if (MuPerLayer.Length != 0 && MuPerLayer.Length != layers)
            throw new ArgumentException($"{nameof(MuPerLayer)} has {MuPerLayer.Length} values, the network has {layers} layers.", nameof(layers));
        OptionChecks.AtLeast(Sweeps, 1, nameof(Sweeps));
        OptionChecks.Positive(GuardRelaxation, nameof(GuardRelaxation));
        OptionChecks.AtLeast(WeightSteps, 1, nameof(WeightSteps));
        OptionChecks.Positive(Ridge, nameof(Ridge));
        OptionChecks.Run(Schedule, TotalSteps, FirstStep, MaxBatch, Threads);
    }
}
