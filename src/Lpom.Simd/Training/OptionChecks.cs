namespace Lpom.Simd.Training;

/// <summary>The range checks of the options of all trainers.</summary>
internal static class OptionChecks
{
    /// <exception cref="ArgumentOutOfRangeException">Below <paramref name="least"/>.</exception>
    public static void AtLeast(int value, int least, string name)
    {
        if (value < least) throw new ArgumentOutOfRangeException(name, value, $"Expected at least {least}.");
    }

    /// <exception cref="ArgumentOutOfRangeException">Above <paramref name="most"/>.</exception>
    public static void AtMost(int value, int most, string name, string why = "")
    {
        if (value > most) throw new ArgumentOutOfRangeException(name, value, $"Expected at most {most}{why}.");
    }

    /// <exception cref="ArgumentOutOfRangeException">Not a positive finite number.</exception>
    public static void Positive(float value, string name)
    {
        if (!(value > 0) || float.IsInfinity(value)) throw new ArgumentOutOfRangeException(name, value, "Expected a positive finite number.");
    }

    /// <exception cref="ArgumentOutOfRangeException">Not in [0, 1).</exception>
    public static void Fraction(float value, string name)
    {
        if (!(value >= 0 && value < 1)) throw new ArgumentOutOfRangeException(name, value, "Expected a number from 0 to below 1.");
    }

    /// <exception cref="ArgumentOutOfRangeException">Not a part, or the last part of a run of no known length.</exception>
    public static void Average(float averagedPart, int totalSteps)
    {
        Fraction(averagedPart, "AveragedPart");
        AtLeast(totalSteps, averagedPart > 0 ? 1 : 0, "TotalSteps");
    }

    /// <exception cref="ArgumentOutOfRangeException">A length of the run that the schedule cannot do with.</exception>
    public static void Run(StepSchedule schedule, int totalSteps, int firstStep, int maxBatch, int threads)
    {
        AtMost((int)schedule, (int)StepSchedule.Cosine, "Schedule");
        AtLeast(totalSteps, schedule == StepSchedule.Constant ? 0 : 1, "TotalSteps");
        AtLeast(firstStep, 0, "FirstStep");
        AtLeast(maxBatch, 1, "MaxBatch");
        AtLeast(threads, 0, "Threads");
        AtMost(threads, Kernels.Threads.WorkerTeam.MaxSize, "Threads");
    }
}
