using System.Diagnostics;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Cli.SelfTest;

/// <summary>What the machine can do at its vector width.</summary>
/// <param name="Threads">Threads that ran at a time.</param>
/// <param name="PeakGflops">GFLOP/s of FMA on registers of one of them, while all ran.</param>
/// <param name="GemmPeakFraction">The part of that, times the threads, that a large product reaches.</param>
internal sealed record MachineFigures(int Threads, double PeakGflops, double GemmPeakFraction)
{
    /// <summary>m, n and k of the product: a training step's of a wide layer.</summary>
    public const int Rows = 2048, Columns = 128, Depth = 2048;

    /// <summary>Measures for some time.</summary>
    public static MachineFigures Measure(int threads, TimeSpan time)
    {
        using var context = new KernelContext(threads);
        double before = PeakLoop.Measure(context.Width, context.Team);
        double product = ProductGflops(context, time);
        double peak = Math.Max(before, PeakLoop.Measure(context.Width, context.Team)) / threads;
        return new MachineFigures(threads, peak, product / (threads * peak));
    }

    private static double ProductGflops(KernelContext context, TimeSpan time)
    {
        ReadOnlyMatrixView a = new RandomSamples(Rows, Depth, classes: 1).Inputs(0, Rows);
        ReadOnlyMatrixView b = new RandomSamples(Depth, Columns, classes: 1).Inputs(0, Depth);
        var c = new Matrix(Rows, Columns);
        var ticks = new List<long>();
        for (var box = new TimeBox(time); ticks.Count == 0 || !box.IsOver;)
        {
            long start = Stopwatch.GetTimestamp();
            Gemm.Multiply(context, GemmForm.NN, a, b, c.View);
            ticks.Add(Stopwatch.GetTimestamp() - start);
        }

        ticks.Sort();
        double seconds = ticks[ticks.Count / 2] / (double)Stopwatch.Frequency;
        return 2.0 * Rows * Columns * Depth / seconds / 1e9;
    }
}
