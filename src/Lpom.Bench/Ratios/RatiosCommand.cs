using System.Diagnostics;
using System.Text.Json;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Bench.Ratios;

/// <summary>The command 'ratios': our kernels beside OpenBLAS in one process, a line of JSON per shape.</summary>
internal static class RatiosCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static readonly string[] Operations = ["gemm", "gemv", "syrk", "potrf", "trsm", .. PointwiseCase.All.Select(c => c.Op)];

    /// <summary>Runs the command; the exit code.</summary>
    public static int Run(string[] args)
    {
        if (Parse(args) is not (int threads, SimdWidth width, var op)) return 2;
        OpenBlas? peer = OpenBlas.TryLoad(threads, width);
        if (!Announce(peer, width)) return 1;
        using KernelContext context = new(threads, width);
        DenseCases cases = new(context, peer);
        foreach (RatioCase measured in cases.All())
        {
            if (op is not null && measured.Op != op) continue;
            double peak = PeakLoop.Measure(width);
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            (double ours, double theirs) = measured.Measure(threads);
            double busy = (Environment.CpuUsage.TotalTime - cpu) / Stopwatch.GetElapsedTime(start);
            peak = Math.Max(peak, PeakLoop.Measure(width));
            Console.WriteLine(JsonSerializer.Serialize(RatioLine.From(measured, ours, theirs, threads, (int)width, peak), Json));
            if (busy < 0.9 * threads)
                Console.Error.WriteLine($"  Had {busy:0.00} of {threads} processors: other programs may be running, or part of the work was serial.");
        }
        GC.KeepAlive(cases);
        foreach (PointwiseCase measured in PointwiseCase.All.Where(c => op is null || c.Op == op))
            Console.WriteLine(JsonSerializer.Serialize(measured.Measure(context, threads), Json));
        return 0;
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
        if (width != SimdWidth.Bits512 || SimdLevel.Hardware != SimdWidth.Bits512 || peer.IsAvx512) return true;
        Console.Error.WriteLine($"OpenBLAS runs its {peer.Core} kernels on a processor with AVX-512: no fair peer, nothing is reported.");
        return false;
    }

    private static (int Threads, SimdWidth Width, string? Op)? Parse(string[] args)
    {
        int threads = 1;
        SimdWidth width = SimdLevel.Current;
        string? op = null;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool valid = args[i] switch
            {
                "--threads" => int.TryParse(value, out threads) && threads is > 0 and <= 64,
                "--simd" => SimdLevel.TryParse(value, out width),
                "--op" => Operations.Contains(op = value),
                _ => false,
            };
            if (valid) continue;
            Console.Error.WriteLine(
                $"ratios: '{args[i]} {value}' is not --threads 1…64, --simd 512|256|128|1 or --op {string.Join('|', Operations)}.");
            return null;
        }
        return (threads, width, op);
    }
}
