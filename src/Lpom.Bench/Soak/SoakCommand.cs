using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Lpom.Bench.Soak;

/// <summary>The command 'soak': training, predictions, online learning, files and cancellations at once, for a long time.</summary>
internal static class SoakCommand
{
    // Beyond these a process grows: pools and the runtime's own tables still fill after the first minute.
    private const long MostManagedGrowth = 2 << 20, MostResidentGrowth = 32 << 20;

    private const int MostHandleGrowth = 4, MostThreadGrowth = 4;

    // The runtime charges its own tables to whatever thread meets them.
    private const double MostAllocatingPart = 1e-6;

    /// <summary>Runs the command.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(string[] args)
    {
        double minutes = 30;
        ulong seed = 1;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool valid = args[i] switch
            {
                "--minutes" => double.TryParse(value, CultureInfo.InvariantCulture, out minutes) && minutes is > 0 and < 1e5,
                "--seed" => ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed),
                _ => false,
            };
            if (valid) continue;
            Console.Error.WriteLine($"soak: '{args[i]} {value}' is not --minutes M, above 0, or --seed N.");
            return 2;
        }

        SoakLine line = Soak(TimeSpan.FromMinutes(minutes), seed);
        Console.WriteLine(JsonSerializer.Serialize(line, SoakJson.Default.SoakLine));
        return line.Passed ? 0 : 1;
    }

    private static SoakLine Soak(TimeSpan time, ulong seed)
    {
        var tally = new SoakTally();
        IReadOnlyList<Action<CancellationToken>> workers = new SoakWorkers(tally, seed).All;
        using var stop = new CancellationTokenSource();
        var failures = new List<Exception>();
        Thread[] threads = [.. workers.Select(worker => Begin(worker, stop, failures))];
        long start = Stopwatch.GetTimestamp();
        TimeSpan settled = time / 3 < TimeSpan.FromMinutes(1) ? time / 3 : TimeSpan.FromMinutes(1);
        Wait(settled, start, tally, stop.Token);
        ProcessUse first = ProcessUse.Measure();
        Wait(time, start, tally, stop.Token);
        ProcessUse last = ProcessUse.Measure();
        stop.Cancel();
        foreach (Thread thread in threads) thread.Join();
        foreach (Exception failure in failures) Console.Error.WriteLine($"soak: {failure}");
        return Line(Stopwatch.GetElapsedTime(start), tally, failures.Count, first, last);
    }

    private static Thread Begin(Action<CancellationToken> worker, CancellationTokenSource stop, List<Exception> failures)
    {
        var thread = new Thread(() =>
        {
            try
            {
                worker(stop.Token);
            }
            catch (Exception e)
            {
                lock (failures) failures.Add(e);
                stop.Cancel();
            }
        });
        thread.Start();
        return thread;
    }

    private static void Wait(TimeSpan until, long start, SoakTally tally, CancellationToken stop)
    {
        TimeSpan said = Stopwatch.GetElapsedTime(start);
        while (Stopwatch.GetElapsedTime(start) < until && !stop.IsCancellationRequested)
        {
            Thread.Sleep(50);
            if (Stopwatch.GetElapsedTime(start) - said < TimeSpan.FromMinutes(1)) continue;
            said = Stopwatch.GetElapsedTime(start);
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{said.TotalMinutes:F0} min: {tally.Steps:N0} steps, {tally.Predictions:N0} predictions, {tally.Files:N0} files, {tally.Cancellations:N0} cancellations, {tally.Wrong} wrong, {tally.Allocating} allocating"));
        }
    }

    private static SoakLine Line(TimeSpan time, SoakTally tally, int failures, ProcessUse first, ProcessUse last)
    {
        (long managed, long resident) = (last.ManagedBytes - first.ManagedBytes, last.ResidentBytes - first.ResidentBytes);
        (int handles, int threads) = (last.Handles - first.Handles, last.Threads - first.Threads);
        bool grew = managed > MostManagedGrowth || resident > MostResidentGrowth || handles > MostHandleGrowth || threads > MostThreadGrowth;
        bool allocated = tally.Allocating > MostAllocatingPart * (tally.Steps + tally.Predictions);
        return new SoakLine(
            Math.Round(time.TotalMinutes, 2), tally.Steps, tally.Predictions, tally.Published, tally.Files, tally.Cancellations, tally.Wrong, failures,
            tally.Allocating, tally.AllocatedBytes, managed, resident, handles, threads, tally.Wrong == 0 && failures == 0 && !grew && !allocated);
    }
}
