using System.Globalization;
using Lpom.Cli.Training;

namespace Lpom.Cli.Comparison;

/// <summary>A complete run in one line for people.</summary>
internal static class RunNote
{
    /// <summary>Such as <c>run 2/12  sgd, seed 1: test 97.80 % after 10 epochs, 3.2 s</c>.</summary>
    public static string Of(MethodRun run, int number, int runs) =>
        string.Create(CultureInfo.InvariantCulture, $"run {number}/{runs}  {run.Method}, seed {run.Seed}: {Result(run)}");

    private static string Result(MethodRun run)
    {
        if (run.HasDiverged)
            return $"diverged {run.Divergence}";
        EpochReport last = run.Epochs[^1];
        return string.Create(CultureInfo.InvariantCulture, $"test {last.Test!.Value.Figure} after {last.Number} {(last.Number == 1 ? "epoch" : "epochs")}, {last.Seconds:F1} s");
    }
}
