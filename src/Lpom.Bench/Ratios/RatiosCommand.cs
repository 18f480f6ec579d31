using System.Diagnostics;
using System.Text.Json;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Bench.Ratios;

/// <summary>The command 'ratios': our kernels beside OpenBLAS in one process, a line of JSON per shape.</summary>
internal static class RatiosCommand
{
    /// <summary>Runs the command; the exit code.</summary>
    public static int Run(string[] args)
    {
        if (RatiosOptions.Parse(args) is not RatiosOptions options) return 2;
        ProcessorSet.Restrict(options.Threads);
        OpenBlas? peer = OpenBlas.TryLoad(options.Threads, options.Width);
        if (!Announce(peer, options.Width)) return 1;
        using KernelContext context = new(options.Threads, options.Width);
        DenseCases cases = new(context, peer);
        RatioCase[] dense = [.. options.Operations.SelectMany(cases.Of)];
        PointwiseCase[] pointwise = [.. PointwiseCase.All.Where(c => options.Operations.Contains(c.Op))];
        for (int run = 0; run < options.Repeat; run++)
        {
            foreach (RatioCase measured in dense) Report(measured, options);
            foreach (PointwiseCase measured in pointwise)
                Console.WriteLine(JsonSerializer.Serialize(measured.Measure(context, options.Threads), RatiosJson.Default.PointwiseLine));
        }
        GC.KeepAlive(cases);
        return 0;
    }

    private static void Report(RatioCase measured, RatiosOptions options)
    {
        (int threads, SimdWidth width) = (options.Threads, options.Width);
        double peak = PeakLoop.Measure(width);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        (double ours, double theirs) = measured.Measure(threads);
        double busy = (Environment.CpuUsage.TotalTime - cpu) / Stopwatch.GetElapsedTime(start);
        peak = Math.Max(peak, PeakLoop.Measure(width));
        RatioLine line = RatioLine.From(measured, ours, theirs, threads, (int)width, peak);
        Console.WriteLine(JsonSerializer.Serialize(line, RatiosJson.Default.RatioLine));
        if (busy < 0.9 * threads)
            Console.Error.WriteLine($"  Had {busy:0.00} of {threads} processors: other programs may be running, or part of the work was serial.");
    }

    private static bool Announce(OpenBlas? peer, SimdWidth width)
    {
        Console.Error.WriteLine($"Lpom.Simd at width {(int)width}; the hardware's is {(int)SimdLevel.Hardware}.");
        if (peer is null)
        {
            Console.Error.WriteLine("OpenBLAS is absent (no libopenblas.so.0): only our own figures. Debian has it as libopenblas0-pthread.");
            return true;
        }
        Console.Error.WriteLine($"OpenBLAS: {peer.Configuration}; kernels: {peer.Core}.");
        if (peer.IsFairAt(width)) return true;
        Console.Error.WriteLine($"OpenBLAS runs its {peer.Core} kernels on a processor with AVX-512: no fair peer, nothing is reported.");
        return false;
    }
}
