namespace Lpom.Simd.Training;

/// <summary>How the size of the weight steps falls over a run, as a factor s of eq. (7)'s step.</summary>
public enum StepSchedule
{
    /// <summary>s = 1, as in [L19].</summary>
    Constant,

    /// <summary>s = 1 − t/T at step t of T.</summary>
    Linear,

    /// <summary>s = ½(1 + cos(πt/T)) at step t of T.</summary>
    Cosine,
}
