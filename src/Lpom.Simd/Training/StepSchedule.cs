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

/// <summary>The factor s of a schedule.</summary>
internal static class StepScheduleExtensions
{
    /// <summary>s at a step from 0 of so many; 0 beyond the last, but for <see cref="StepSchedule.Constant"/>.</summary>
    public static float ScaleAt(this StepSchedule schedule, int step, int totalSteps)
    {
        if (schedule == StepSchedule.Constant) return 1f;
        double progress = Math.Min(1.0, (double)step / totalSteps);
        return (float)(schedule == StepSchedule.Linear ? 1 - progress : 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}
