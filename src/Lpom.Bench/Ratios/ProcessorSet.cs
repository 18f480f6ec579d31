using System.Diagnostics;
using System.Numerics;
using System.Runtime.Versioning;

namespace Lpom.Bench.Ratios;

/// <summary>The processors on which both sides run: as many as there are threads, so that neither side's work moves between processors.</summary>
internal static class ProcessorSet
{
    /// <summary>
    /// Restricts the calling thread, and all that it starts from now on, to some of the processors that it may use, on different cores
    /// where it can; says on stderr which. To be called on the main thread, before libraries and teams start threads. Leaves things as
    /// they are when there are too few, or where the system has no such setting.
    /// </summary>
    /// <param name="count">Processors to keep, from 1.</param>
    public static void Restrict(int count)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
        {
            Console.Error.WriteLine("Not pinned to processors: this system does not allow it.");
            return;
        }
        using Process process = Process.GetCurrentProcess();
        int[] allowed = Allowed(process);
        if (allowed.Length < count)
        {
            Console.Error.WriteLine($"Not pinned to processors: {count} threads, and {allowed.Length} of the first {nint.Size * 8} processors may be used.");
            return;
        }
        int[] chosen = [.. allowed.OrderBy(processor => IsFirstOfItsCore(processor) ? 0 : 1).Take(count).Order()];
        process.ProcessorAffinity = (nint)chosen.Aggregate(0UL, (mask, processor) => mask | (1UL << processor));
        Console.Error.WriteLine($"Pinned to processor{(count == 1 ? "" : "s")} {string.Join(", ", chosen)}.");
    }

    [SupportedOSPlatform("linux")]
    [SupportedOSPlatform("windows")]
    private static int[] Allowed(Process process)
    {
        ulong mask = (nuint)process.ProcessorAffinity;
        int[] processors = new int[BitOperations.PopCount(mask)];
        for (int i = 0; i < processors.Length; i++, mask &= mask - 1) processors[i] = BitOperations.TrailingZeroCount(mask);
        return processors;
    }

    // Two threads of one core share its FMA units. Linux lists a core's threads as '0-1' or '0,8'; elsewhere nothing is known.
    private static bool IsFirstOfItsCore(int processor)
    {
        string list = $"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list";
        if (!File.Exists(list)) return true;
        return File.ReadAllText(list).Split('-', ',')[0].Trim() == processor.ToString();
    }
}
