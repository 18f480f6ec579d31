using System.Diagnostics;
using System.Text.Json;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Paper;

namespace Lpom.Bench.StartUp;

/// <summary>
/// The command 'startup': how soon a fresh process trains at full speed. It must be the process's only work, so one network a run.
/// </summary>
internal static class StartUpCommand
{
    private const int FirstSteps = 5;
    private const int Steps = 200;

    // Of the last half of the steps.
    private const int SteadySteps = Steps / 2;

    /// <summary>Runs the command.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(string[] args)
    {
        var (layers, threads) = (RealNetworks.Mnist, 1);
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool valid = args[i] switch
            {
                "--layers" => (layers = value) is RealNetworks.Mnist or RealNetworks.Wide,
                "--threads" => int.TryParse(value, out threads) && threads is > 0 and <= WorkerTeam.MaxSize,
                _ => false,
            };
            if (valid) continue;
            Console.Error.WriteLine($"startup: '{args[i]} {value}' is not --layers {RealNetworks.Mnist}|{RealNetworks.Wide} or --threads 1…{WorkerTeam.MaxSize}.");
            return 2;
        }

        double[] milliseconds = Measure(RealNetworks.Relu(layers), threads);
        double[] steady = milliseconds[^SteadySteps..];
        Array.Sort(steady);
        StartUpLine line = new("startup", layers, threads, milliseconds[..FirstSteps], steady[SteadySteps / 2], steady[SteadySteps / 2] / milliseconds[1]);
        Console.WriteLine(JsonSerializer.Serialize(line, StartUpJson.Default.StartUpLine));
        return 0;
    }

    private static double[] Measure(Network network, int threads)
    {
        using PaperTrainer trainer = new(network, new PaperOptions { MaxBatch = RealNetworks.Batch, Threads = threads });
        Matrix images = RealNetworks.Images(network);
        int[] labels = RealNetworks.Labels(network);
        double[] milliseconds = new double[Steps];
        for (int step = 0; step < Steps; step++)
        {
            long start = Stopwatch.GetTimestamp();
            trainer.Step(images.View, labels);
            milliseconds[step] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        return milliseconds;
    }
}
