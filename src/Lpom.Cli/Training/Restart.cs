using Lpom.Simd.Model;

namespace Lpom.Cli.Training;

/// <summary>Training that goes on from a good network, with smaller steps, after it diverged.</summary>
/// <param name="Network">To go on from.</param>
/// <param name="Step">Steps of the run that are behind it.</param>
/// <param name="Number">Of the restart, from 1.</param>
internal sealed record Restart(Network Network, int Step, int Number)
{
    /// <summary>Restarts of a run.</summary>
    public const int Most = 3;

    private const int Divisor = 4;

    /// <summary>The part of the size of the steps that were asked for.</summary>
    public float StepPart => MathF.Pow(Divisor, -Number);
}
