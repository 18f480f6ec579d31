using FsCheck.Fluent;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Tests.Support;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Streaming;
using Lpom.Simd.Training.Streaming.Stages;

namespace Lpom.Simd.Tests.Training.Streaming;

public class DelayedStepsTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    [InlineData(2, 0.618034)]
    public void The_limit_without_momentum_is_twice_a_sine(int delay, double expected)
    {
        Assert.Equal(expected, DelayedSteps.Limit(delay), 1e-6);
        Assert.Equal(expected, DelayedSteps.Limit(delay, momentum: 1e-9), 1e-6);
    }

    [Fact]
    public void Steps_come_to_rest_below_the_limit_and_grow_above() => Properties.Hold(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Rng((ulong)seed);
        int delay = random.NextInt(7);
        double momentum = random.NextInt(3) == 0 ? 0 : 0.95 * random.NextSingle(), limit = DelayedSteps.Limit(delay, momentum);
        string description = $"delay {delay}, momentum {momentum}, limit {limit}";
        Assert.True(SizeAfter(delay, momentum, 0.95 * limit) < 1e-3, description);
        Assert.True(SizeAfter(delay, momentum, 1.05 * limit) > 1e3, description);
    }, count: 60);

    [Fact]
    public void The_trust_radius_keeps_what_a_gradient_lags_behind_below_a_fixed_part() =>
        Assert.All(Enumerable.Range(0, 200), delay => Assert.InRange(delay * DelayedSteps.TrustPart(delay), 0, Math.PI / 4));

    [Fact]
    public void Smaller_steps_may_lag_behind_more_batches()
    {
        int[] most = [.. new[] { 0.1f, 1, 4, 30, 1000 }.Select(rate => DelayedSteps.MostInFlight(new StreamingOptions { LearningRate = rate }))];
        Assert.Equal(most.OrderDescending(), most);
        Assert.True(most[2] >= 4);
        Assert.Equal(1, most[^1]);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new StreamingOptions { TotalSteps = 1, BatchesInFlight = most[2] + 1 }.Validated());
        Assert.StartsWith($"Expected at most {most[2]}: steps of LearningRate 4 with Momentum 0.9 would not come to rest with more.", error.Message);
        _ = new StreamingOptions { TotalSteps = 1, BatchesInFlight = most[2] }.Validated();
    }

    [Fact]
    public void Stages_have_as_little_to_do_as_they_can() => Properties.Hold(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Rng((ulong)seed);
        long[] costs = [.. Enumerable.Range(0, 1 + random.NextInt(8)).Select(_ => 1L + random.NextInt(20))];
        int stages = 1 + random.NextInt(costs.Length);
        RowRange[] plan = StagePlan.Of(costs, stages);
        Assert.Equal(stages, plan.Length);
        Assert.Equal(Enumerable.Range(0, costs.Length), plan.SelectMany(range => Enumerable.Range(range.First, range.Count)));
        Assert.DoesNotContain(plan, range => range.Count == 0);
        Assert.Equal(Least(costs, stages), plan.Max(range => costs[range.First..(range.First + range.Count)].Sum()));
    });

    private static long Least(ReadOnlySpan<long> costs, int stages)
    {
        long all = 0;
        foreach (long cost in costs) all += cost;
        if (stages == 1) return all;
        long best = long.MaxValue, last = 0;
        for (int cut = costs.Length - 1; cut >= stages - 1; cut--)
        {
            last += costs[cut];
            best = Math.Min(best, Math.Max(last, Least(costs[..cut], stages - 1)));
        }
        return best;
    }

    // x ← x − V, V ← βV + (1 − β)αL·x of τ steps before, from 1.
    private static double SizeAfter(int delay, double momentum, double step)
    {
        const int steps = 50_000, window = 200;
        double[] past = [.. Enumerable.Repeat(1.0, delay + 1)];
        double velocity = 0, size = 0;
        for (int t = 0; t < steps; t++)
        {
            // The newest stands before the place that is read.
            velocity = (momentum * velocity) + ((1 - momentum) * step * past[t % past.Length]);
            double x = past[(t + delay) % past.Length] - velocity;
            past[t % past.Length] = x;
            if (Math.Abs(x) > 1e6) return Math.Abs(x);
            if (t >= steps - window) size = Math.Max(size, Math.Abs(x));
        }
        return size;
    }
}
