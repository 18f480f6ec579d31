namespace Lpom.Simd.Training;

/// <summary>What one training step did. Its spans view the trainer's memory: valid until the next step.</summary>
public readonly ref struct StepReport
{
    internal StepReport(double loss, double objective, ReadOnlySpan<double> residuals, ReadOnlySpan<float> squaredNorms, Divergence divergence, int rows)
    {
        Loss = loss;
        Objective = objective;
        Residuals = residuals;
        SquaredNorms = squaredNorms;
        Divergence = divergence;
        Rows = rows;
    }

    /// <summary>Samples of the batch that the report is of; 0 where it is of none, as none has been finished since the last report.</summary>
    public int Rows { get; }

    /// <summary>The mean loss per sample of the feed-forward output, before the step.</summary>
    public double Loss { get; }

    /// <summary>Eq. (3) per sample, less P's minimum, after the activation updates and before the weight solve.</summary>
    public double Objective { get; }

    /// <summary>Per layer, the root mean square of φ(WⁱXⁱ) − Xⁱ⁺¹ before the weight solve.</summary>
    public ReadOnlySpan<double> Residuals { get; }

    /// <summary>Per layer, the power iteration's lower estimate of ‖Wⁱ‖₂² before the weight solve.</summary>
    public ReadOnlySpan<float> SquaredNorms { get; }

    /// <summary>Whether the step failed; the weights are then those that it began with, which the step before may have spoilt.</summary>
    public bool Diverged => Divergence.Kind != DivergenceKind.None;

    /// <summary>Where and how the step failed.</summary>
    public Divergence Divergence { get; }
}
