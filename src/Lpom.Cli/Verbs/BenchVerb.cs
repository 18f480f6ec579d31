using System.CommandLine;
using System.Text.Json;
using Lpom.Cli.Latency;
using Lpom.Cli.Options;
using Lpom.Cli.SelfTest;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Model;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom bench</c>: what this machine does with the kernels, with training steps and with predictions.</summary>
internal static class BenchVerb
{
    public const string Name = "bench";

    public const string Examples =
        """
          lpom bench                                      two networks, all processors, about 20 s
          lpom bench --threads 1 --json
          lpom bench --method lpom-paper                  the steps of another method
          lpom bench --layers 3072-1000-10 --layers 784-500-150-10 --seconds 60
          lpom bench latency --layers 784-300-10          predictions of one sample, beside plain C
        """;

    public const string Figures =
        """
        Figures:
          peakGflops        of one thread, while all run: a loop of multiply-adds on registers
          gemmPeakFraction  of a 2048x128x2048 product; in step, of a thread while it is at products
          gemmShare         matrix products and Gram matrices, packing and those of solves included
          packingShare      the part of gemmShare that does nothing but pack operands
          elementwiseShare  maps, reductions, softmax
          waitingShare      threads without a part, while one works alone or at a job's end
          otherShare        the rest: copies, substitution, serial code
          Shares are of threads x wall time, steps of 100 random samples, as 'lpom train' trains
          by the method.
        """;

    private const int DefaultSeconds = 20, MaxSeconds = 3600;

    public static Command Create()
    {
        Option<string[]> layers = CommonOptions.Networks("--layers", BenchSettings.DefaultLayers);
        Option<string> method = CommonOptions.Choice("--method", TrainSettings.Methods, TrainSettings.StreamingMethod, "How the training steps train, as in 'lpom train'");
        Option<int?> threads = CommonOptions.Threads("Threads of products and training steps");
        Option<int?> seconds = CommonOptions.Integer("--seconds", 1, MaxSeconds, $"About how long to measure [default: {DefaultSeconds}]");
        Option<bool> json = CommonOptions.Json();
        var command = new Command(Name, "Measure this machine: kernels, training steps by stage, predictions") { layers, method, threads, seconds, json, LatencyVerb.Create() };
        command.SetAction(parsed => Run(new BenchSettings(
            [.. (parsed.GetValue(layers) is { Length: > 0 } given ? given : BenchSettings.DefaultLayers).Select(LayerSpec.WidthsOf)],
            TrainingBy(parsed.GetValue(method)!, parsed.GetValue(threads) ?? Environment.ProcessorCount),
            TimeSpan.FromSeconds(parsed.GetValue(seconds) ?? DefaultSeconds),
            parsed.GetValue(json))));
        return command;
    }

    private static TrainSettings TrainingBy(string method, int threads) =>
        TrainCommandOptions.Read("--method", method, "--batch", $"{StepFigures.Batch}", "--threads", $"{threads}");

    private static int Run(BenchSettings settings)
    {
        foreach (int[] widths in settings.Networks)
            MemoryNeed.Check(settings.Training, widths, StepFigures.Batch, epochs: 1);
        using var output = new Output();
        if (!settings.Json)
            Messages.Note($"Measuring for about {settings.Time.TotalSeconds:F0} s; other programs that run meanwhile lower the figures.");
        MachineFigures machine = MachineFigures.Measure(settings.Training.Threads, settings.MachineTime);
        var networks = new List<NetworkFigures>();
        foreach (int[] widths in settings.Networks)
        {
            NetworkFigures figures = Measure(widths, machine, settings);
            networks.Add(figures);
            if (!settings.Json)
                continue;
            output.Json((machine, settings.Training.Method, figures), WriteStep);
            output.Json(figures.Latency, LatencyMeasurement.Write);
        }

        if (!settings.Json)
            FigureTable.Print(machine, settings.Training.Method, networks, output);
        return ExitCodes.Done;
    }

    private static NetworkFigures Measure(int[] widths, MachineFigures machine, BenchSettings settings)
    {
        (Network network, StepFigures step) = StepFigures.Measure(settings.Training, widths, machine, settings.StepTime);
        return new NetworkFigures(network.Shape, step, LatencyRun.Measure(network, settings.LatencyTime));
    }

    private static void WriteStep(Utf8JsonWriter json, (MachineFigures Machine, string Method, NetworkFigures Network) state)
    {
        (MachineFigures machine, StepFigures step) = (state.Machine, state.Network.Step);
        WorkShares shares = step.Shares;
        json.WriteString("event", "bench");
        json.WriteNumber("simd", (int)SimdLevel.Current);
        json.WriteNumber("threads", machine.Threads);
        json.WriteNumber("peakGflops", Math.Round(machine.PeakGflops, 1));
        WriteFraction(json, "gemmPeakFraction", machine.GemmPeakFraction);
        json.WriteStartObject("step");
        json.WriteString("layers", state.Network.Layers);
        json.WriteString("method", state.Method);
        WriteFraction(json, "gemmShare", shares.Product);
        WriteFraction(json, "gemmPeakFraction", step.GemmPeakFraction);
        WriteFraction(json, "elementwiseShare", shares.Elementwise);
        WriteFraction(json, "packingShare", shares.Packing);
        WriteFraction(json, "waitingShare", shares.Waiting);
        WriteFraction(json, "otherShare", shares.Other);
        json.WriteNumber("steps", step.Steps);
        json.WriteNumber("stepsPerSecond", Math.Round(step.StepsPerSecond, 2));
        json.WriteEndObject();
    }

    private static void WriteFraction(Utf8JsonWriter json, string name, double fraction) => json.WriteNumber(name, Math.Round(fraction, 4));
}
