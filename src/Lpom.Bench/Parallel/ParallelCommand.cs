using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Bench.Parallel;

/// <summary>The command 'parallel': the ways in which threads share a step, beside one thread, in turn on the same network.</summary>
internal static class ParallelCommand
{
    // An inverse is refreshed every 50 steps, or every 100: as often in every block.
    private const int StepsOfBlock = 100;
    private const int Inputs = 784, Classes = 10;

    /// <summary>Runs the command.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(string[] args)
    {
        int layers = 19, width = 256, batch = 32, threads = Environment.ProcessorCount, rounds = 9;
        string name = "relu";
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool valid = args[i] switch
            {
                "--layers" => TryCount(value, 1000, out layers),
                "--width" => TryCount(value, 8192, out width),
                "--batch" => TryCount(value, 10_000, out batch),
                "--threads" => TryCount(value, WorkerTeam.MaxSize, out threads),
                "--rounds" => TryCount(value, 1000, out rounds),
                "--activation" => Activation.TryGet(name = value, out _),
                _ => false,
            };
            if (valid) continue;
            Console.Error.WriteLine($"parallel: '{args[i]} {value}' is not --layers, --width, --batch, --threads or --rounds with a number, or --activation with a name.");
            return 2;
        }

        if (Measure(layers, width, name, batch, threads, rounds) is not ParallelLine line)
        {
            Console.Error.WriteLine("parallel: training diverged; give fewer layers.");
            return 1;
        }

        Console.WriteLine(JsonSerializer.Serialize(line, ParallelJson.Default.ParallelLine));
        return 0;
    }

    private static bool TryCount(string text, int most, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0 && count <= most;

    private static ParallelLine? Measure(int layers, int width, string name, int batch, int threads, int rounds)
    {
        _ = Activation.TryGet(name, out Activation? hidden);
        Network start = NetworkInit.Glorot([Inputs, .. Enumerable.Repeat(width, layers), Classes], hidden!, Activation.Of(default(Identity)), Loss.CrossEntropy, seed: 1, hasBiases: true);
        var rows = new MatrixRows(Noise.Matrix(batch, Inputs));
        StreamingOptions options = StreamingOptions.For(start) with { MaxBatch = batch, Threads = threads, Schedule = StepSchedule.Constant };
        using StreamingTrainer one = new(start, options with { Threads = 1 }, rows), products = new(start, options, rows), byRows = new(start, options with { Parallelism = Parallelism.Rows }, rows), synchronous = new(start, options with { Parallelism = Parallelism.Synchronous }, rows), asynchronous = new(start, options with { Parallelism = Parallelism.Asynchronous }, rows);
        StreamingTrainer[] trainers = [one, products, byRows, synchronous, asynchronous];
        int[] numbers = [.. Enumerable.Range(0, batch)], labels = [.. numbers.Select(i => i % Classes)];
        var milliseconds = new double[trainers.Length][];
        for (int i = 0; i < trainers.Length; i++) milliseconds[i] = new double[rounds];
        // The first block is the compiler's.
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < trainers.Length; i++)
            {
                long begun = Stopwatch.GetTimestamp();
                for (int step = 0; step < StepsOfBlock; step++)
                {
                    if (trainers[i].StepOnRows(numbers, labels).Diverged) return null;
                }
                while (trainers[i].FinishStep() is { Rows: > 0 } report)
                {
                    if (report.Diverged) return null;
                }
                if (round >= 0) milliseconds[i][round] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds / StepsOfBlock;
            }
        }
        double[] medians = [.. milliseconds.Select(Medians.Of)];
        return new ParallelLine(
            "parallel", layers, width, name, batch, threads, medians[0], medians[1], medians[2], medians[3], medians[4],
            medians[0] / medians[1], medians[0] / medians[2], medians[0] / medians[3], medians[0] / medians[4], medians[1] / medians[3]);
    }
}
