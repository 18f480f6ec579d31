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

    // Peak and product in turn: what disturbs one for a while disturbs the other.
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(50);

    /// <summary>Measures for some time.</summary>
    public static MachineFigures Measure(int threads, TimeSpan time)
    {
        using var context = new KernelContext(threads);
        ReadOnlyMatrixView a = new RandomSamples(Rows, Depth, classes: 1).Inputs(0, Rows);
        ReadOnlyMatrixView b = new RandomSamples(Depth, Columns, classes: 1).Inputs(0, Depth);
        var c = new Matrix(Rows, Columns);
        double peak = 0;
        var ticks = new List<long>();
        for (var box = new TimeBox(time); ticks.Count == 0 || !box.IsOver;)
        {
            peak = Math.Max(peak, PeakLoop.Measure(context.Width, context.Team));
            for (var round = new TimeBox(Round); !round.IsOver;)
            {
                long start = Stopwatch.GetTimestamp();
                Gemm.Multiply(context, GemmForm.NN, a, b, c.View);
                ticks.Add(Stopwatch.GetTimestamp() - start);
            }
        }

        ticks.Sort();
        double seconds = ticks[ticks.Count / 2] / (double)Stopwatch.Frequency;
        double product = 2.0 * Rows * Columns * Depth / seconds / 1e9;
        return new MachineFigures(threads, peak / threads, product / peak);
    }
}
