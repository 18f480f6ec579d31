using System.Diagnostics;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;

namespace Lpom.Bench.Scaling;

/// <summary>Measures the model's constants in a few seconds, with the library's own kernels, on one core or on several at once.</summary>
internal static class MachineMeasure
{
    private const int Batch = 100, Width = 1024, ThinUnits = 16;
    private const double MostHalfStrip = 1000;

    // Of velocity, weights and gradient together: from what a core has for itself to what no cache holds.
    private static readonly int[] WorkingSets = [1 << 20, 1 << 21, 1 << 22, 1 << 23, 1 << 24, 1 << 25, 1 << 26, 1 << 27, 1 << 28];

    // None of the networks that runs are made of. Of the first all is in a cache, of the second a step is small products, of the third
    // nothing but calls, and of the last the weights are not in a cache.
    private static readonly int[] Middle = [784, 640, 640, 10], Narrow = [784, 160, 160, 160, 160, 160, 160, 10], Least = [16, 16, 16, 16, 16, 16, 16], Wide = [784, 3072, 3072, 10];

    // Ranks of one machine send through its memory: what one copies in, the other copies out. Two processes that look for messages all the
    // time see one within about a microsecond.
    private const double Copies = 2, AssumedLatency = 1e-6;

    /// <summary>The constants of a rank while as many work at once.</summary>
    /// <param name="ranks">How many; no more than there are processors, as they would wait for each other.</param>
    /// <param name="blockSeconds">How long each figure is measured.</param>
    public static Machine Measure(int ranks, double blockSeconds)
    {
        var machines = new Machine[Math.Clamp(ranks, 1, Environment.ProcessorCount)];
        using var together = new Barrier(machines.Length);
        Thread[] threads = [.. machines.Select((_, i) => new Thread(() => machines[i] = MeasureOne(together, blockSeconds)))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return Machine.Of(machines, figures => figures.Average()) with { CacheBytes = machines.Min(m => m.CacheBytes) };
    }

    private static Machine MeasureOne(Barrier together, double seconds)
    {
        using KernelContext context = new(1);
        double half = HalfStrip(context, together, seconds), held = CacheBytes(context, together, seconds / 2), copied = CopyRate(together, seconds);
        ReferenceStep middle = ReferenceStep.Measure(Middle, Batch, together, 2 * seconds), narrow = ReferenceStep.Measure(Narrow, Batch, together, 2 * seconds);
        ReferenceStep least = ReferenceStep.Measure(Least, batch: 8, together, seconds), wide = ReferenceStep.Measure(Wide, Batch, together, 4 * seconds);
        double rate = (middle.Cost.Flops + (half * middle.Cost.FlopsPerStrip)) / middle.ProductSeconds;
        double cache = (middle.Cost.ActivationBytes + middle.Cost.WeightBytes) / middle.ElementwiseSeconds;
        // Never faster than the cache, whatever else was going on.
        double memory = wide.Cost.WeightBytes / Math.Max(wide.ElementwiseSeconds - (wide.Cost.ActivationBytes / cache), wide.Cost.WeightBytes / cache);
        double call = least.Seconds / least.Cost.Layers;
        var machine = new Machine(rate, half, cache, memory, held, 0, call, AssumedLatency, copied / Copies);
        return machine with { LayerSeconds = Math.Max(call, (narrow.Seconds - narrow.Cost.WorkSeconds(machine)) / narrow.Cost.Layers) };
    }

    // t = flops·(1 + half/strip)/rate, through a strip of a batch's rows and a thin one.
    private static double HalfStrip(KernelContext context, Barrier together, double seconds)
    {
        double ratio = Forms(context, ThinUnits).Sum(work => 1 / Rate(together, seconds, work.Amount, work.Do)) / Forms(context, Width).Sum(work => 1 / Rate(together, seconds, work.Amount, work.Do));
        double room = (1.0 / ThinUnits) - (ratio / Batch);
        return room > 0 ? Math.Clamp((ratio - 1) / room, 0, MostHalfStrip) : MostHalfStrip;
    }

    // The three products of a step, on a layer of so many units.
    private static (double Amount, Action Do)[] Forms(KernelContext context, int units)
    {
        Matrix x = Noise.Matrix(Batch, Width), w = Noise.Matrix(units, Width), d = Noise.Matrix(Batch, units);
        Matrix products = new(Batch, units), pull = new(Batch, Width), gradient = new(units, Width);
        double flops = 2.0 * Batch * Width * units;
        return
        [
            (flops, () => Gemm.Multiply(context, GemmForm.NT, x.View, w.View, products.View)),
            (flops, () => Gemm.Multiply(context, GemmForm.NN, d.View, w.View, pull.View)),
            (flops, () => Gemm.Multiply(context, GemmForm.TN, d.View, x.View, gradient.View)),
        ];
    }

    // The cache ends where the rate is below the geometric mean of the fastest and the slowest.
    private static double CacheBytes(KernelContext context, Barrier together, double seconds)
    {
        double[] rates = [.. WorkingSets.Select(bytes => StepRate(context, together, seconds, bytes))];
        double border = Math.Sqrt(rates.Max() * rates[^1]);
        return WorkingSets[Array.FindLastIndex(rates, rate => rate >= border)];
    }

    private static double StepRate(KernelContext context, Barrier together, double seconds, int bytes)
    {
        const int matrices = 3, passes = 5, columns = 1 << 10;
        int rows = bytes / sizeof(float) / matrices / columns;
        Matrix velocity = Noise.Matrix(rows, columns), weights = Noise.Matrix(rows, columns), gradient = Noise.Matrix(rows, columns);
        var step = new MomentumStep(0.9f, 0.01f, 0.99f);
        return Rate(together, seconds, (double)passes * sizeof(float) * rows * columns, () =>
            Map.TernaryPair(context, step, velocity.View, weights.View, gradient.View, velocity.View, weights.View));
    }

    private static double CopyRate(Barrier together, double seconds)
    {
        float[] from = new float[1 << 18], to = new float[1 << 18];
        return Rate(together, seconds, (double)sizeof(float) * from.Length, () => from.CopyTo(to, 0));
    }

    // All together: the amount of a call over the median of its times, of which the first quarter are the compiler's and the cache's.
    private static double Rate(Barrier together, double seconds, double amount, Action work)
    {
        work();
        together.SignalAndWait();
        var times = new List<double>();
        long begun = Stopwatch.GetTimestamp();
        do
        {
            long start = Stopwatch.GetTimestamp();
            work();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds || times.Count < 4);
        return amount / Medians.Of([.. times.Skip(times.Count / 4)]);
    }
}
