using Lpom.Simd.Kernels.Threads;

namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>
/// When steps along gradients of some steps ago come to rest: on a quadratic of curvature L, x ← x − V, V ← βV + (1 − β)αL·x of τ steps
/// before.
/// </summary>
internal static class DelayedSteps
{
    /// <summary>
    /// The schedule's s at which steps must come to rest by themselves, in the metric where least squares has L = 1. Before, they need the
    /// trust bound, with which they cannot move far.
    /// </summary>
    public const float LastScale = 0.05f;

    private const int Halvings = 60;

    /// <summary>The exact bound of αL below which the steps come to rest; 2·sin(π/(2(2τ + 1))) without momentum.</summary>
    /// <remarks>
    /// (z − 1)(z − β)z^(τ−1) + (1 − β)αL = 0 has its first root on the unit circle at z = e^{iθ} with the smallest θ where the phases of
    /// the factors add up to π.
    /// </remarks>
    /// <param name="delay">τ, from 0.</param>
    /// <param name="momentum">β, from 0 to below 1.</param>
    public static double Limit(int delay, double momentum = 0)
    {
        if (momentum == 0) return 2 * Math.Sin(Math.PI / (2 * ((2 * delay) + 1)));
        double low = 0, high = Math.PI;
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (Phase(middle, delay, momentum) < Math.PI) low = middle;
            else high = middle;
        }
        (double real, double imaginary) = (Math.Cos(low) - momentum, Math.Sin(low));
        return 2 * Math.Sin(low / 2) * Math.Sqrt((real * real) + (imaginary * imaginary)) / (1 - momentum);
    }

    /// <summary>The most batches in flight, from 1, whose delay a step can come to rest with once the schedule is at <see cref="LastScale"/>.</summary>
    /// <param name="options">Of the steps.</param>
    public static int MostInFlight(in StreamingOptions options)
    {
        int batches = 1;
        while (batches < WorkerTeam.MaxSize && options.LearningRate * LastScale < Limit(batches, options.Momentum)) batches++;
        return batches;
    }

    /// <summary>
    /// The settings of a stage: its trust radius κ is multiplied by the bound of its delay over that of none. The pre-activations that a
    /// gradient is of are then off by less than π/4·κ, at any delay.
    /// </summary>
    /// <param name="options">Of the training.</param>
    /// <param name="delay">τ of the stage.</param>
    public static StreamingOptions Bounded(in StreamingOptions options, int delay) =>
        options with { TrustRadius = (float)(options.TrustRadius * TrustPart(delay)) };

    /// <summary>What a trust radius is multiplied by: the bound of a delay without momentum over that of none.</summary>
    /// <param name="delay">τ, from 0.</param>
    public static double TrustPart(int delay) => Limit(delay) / Limit(0);

    private static double Phase(double angle, int delay, double momentum) =>
        ((Math.PI + angle) / 2) + Math.Atan2(Math.Sin(angle), Math.Cos(angle) - momentum) + ((delay - 1) * angle);
}
