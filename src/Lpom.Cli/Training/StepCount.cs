using Lpom.Cli.Options;
using Lpom.Data;

namespace Lpom.Cli.Training;

/// <summary>Refuses runs of more steps than an integer counts.</summary>
internal static class StepCount
{
    /// <exception cref="BadInputException">Too many steps.</exception>
    public static void Check(TrainSettings settings, Dataset data, int epochs)
    {
        long perEpoch = (data.Train.Rows - settings.ValidationOf(data.Train.Rows) + settings.Batch - 1L) / settings.Batch;
        if (perEpoch * epochs > int.MaxValue)
            throw new BadInputException($"--epochs {epochs}: {epochs} epochs of {perEpoch} steps are more than {int.MaxValue} steps; give fewer epochs or a larger --batch");
    }
}
