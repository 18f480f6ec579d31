namespace Lpom.Bench.Scaling;

/// <summary>The constants of a rank at one time, a line of a <see cref="ScalingFile"/> and of what <c>--measure</c> prints.</summary>
/// <param name="Ranks">How many worked at once.</param>
/// <param name="Constants">What was measured; null of a line that is something else.</param>
internal sealed record MeasuredConstants(int Ranks, Machine? Constants)
{
    /// <summary>What is wrong with it; null for nothing.</summary>
    public string? Problem()
    {
        if (Ranks < 1) return $"ranks {Ranks} is not from 1";
        if (Constants is null) return "no constants";
        double[] figures = [Constants.GemmRate, Constants.CacheRate, Constants.MemoryRate, Constants.CacheBytes, Constants.LayerSeconds, Constants.CallSeconds, Constants.Latency, Constants.Bandwidth];
        bool isRight = figures.All(figure => double.IsFinite(figure) && figure > 0) && double.IsFinite(Constants.HalfStrip) && Constants.HalfStrip >= 0;
        return isRight ? null : "a constant is not positive";
    }
}
