using System.CommandLine;
using Lpom.Cli.Latency;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom bench latency</c>: predictions of one sample by threads that share a network, beside the same in plain C.</summary>
internal static class LatencyVerb
{
    public const string Examples =
        """
          lpom bench latency --layers 784-300-10 --precision float32,bfloat16,int8
          lpom bench latency --layers 64-32-10 --threads 1..4 --calls 100000 --json
          lpom bench latency --model model.safetensors --threads 1
        """;

    public const string Behaviour =
        """
        All measurements take turns, block by block; a figure is the median of the blocks' figures. A
        reading of the clock takes in as many calls as last 2 us, and its time is their mean. With gcc,
        the same arithmetic in C (random weights, ReLU) is built and measured in turn with ours.
        """;

    private const int LeastCalls = 100, MostCalls = 10_000_000;

    private const ulong Seed = 1;

    private static readonly string[] DefaultLayers = ["784-300-10", "64-32-10"];

    // Of each measurement, without --calls.
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        Option<string[]> layers = CommonOptions.Networks("--layers", DefaultLayers);
        Option<string> model = CommonOptions.File("--model", "Measure this model instead of random weights");
        Option<string[]> precisions = Precisions();
        Option<int[]> threads = CommonOptions.ThreadCounts("Threads that predict at the same time [default: 1, and as many as processors]");
        Option<int?> calls = CommonOptions.Integer("--calls", LeastCalls, MostCalls, "Calls of each thread, or a few more [default: as many as take a second]");
        Option<bool> json = CommonOptions.Json();
        var command = new Command("latency", "Measure predictions of one sample on one and more threads, beside plain C") { layers, model, precisions, threads, calls, json };
        command.SetAction(parsed => Run(
            Networks(parsed.GetValue(layers) ?? [], parsed.GetValue(model), parsed.GetValue(precisions)!),
            parsed.GetValue(precisions)!.Select(PrecisionNames.Of).Distinct().ToArray(),
            parsed.GetValue(threads) is { Length: > 0 } given ? given : [.. new[] { 1, Environment.ProcessorCount }.Distinct()],
            parsed.GetValue(calls),
            parsed.GetValue(json)));
        return command;
    }

    private static Option<string[]> Precisions() => new("--precision")
    {
        Description = $"Weights of the networks, one or more joined by ',': {string.Join(' ', PrecisionNames.All)}",
        HelpName = "NAME,…",
        DefaultValueFactory = _ => [PrecisionNames.All[0]],
        CustomParser = result =>
        {
            string[] names = [.. result.Tokens.SelectMany(token => token.Value.Split(','))];
            foreach (string unknown in names.Except(PrecisionNames.All))
                result.AddError(CommonOptions.UnknownName("--precision", unknown, PrecisionNames.All));
            return names;
        },
    };

    private static IEnumerable<Network> Networks(string[] layers, string? model, string[] precisions)
    {
        if (model is not null && layers.Length > 0)
            throw new BadInputException("--model and --layers: give one of them; a model has its layers");
        if (model is not null)
            return [ModelFile.Load(model)];
        int[][] networks = [.. (layers.Length > 0 ? layers : DefaultLayers).Select(LayerSpec.WidthsOf)];
        foreach (int[] widths in networks)
            // The weights as drawn, and, of ours and of C's, those in each precision.
            MemoryNeed.CheckPrediction(widths, bytes: sizeof(float) * (1 + (2 * precisions.Length)));
        return networks.Select(Random);
    }

    private static Network Random(int[] widths) =>
        NetworkInit.Glorot(widths, Activation.Of(default(Relu)), Activation.Of(default(Identity)), Loss.LeastSquares, Seed);

    private static int Run(IEnumerable<Network> networks, WeightPrecision[] precisions, int[] threads, int? calls, bool isJson)
    {
        using var output = new Output();
        foreach (Network network in networks)
        {
            using CAnchor? anchor = CAnchor.Start(network.Shape);
            if (anchor is not null && network.Layers.SkipLast(1).FirstOrDefault(l => l.Activation is not Activation<Relu>) is Layer other)
                Messages.Note($"note: the C anchor's hidden layers are relu, not {other.Activation.Name}");
            if (!isJson)
                output.Line($"{network.Shape}, SIMD {(int)SimdLevel.Current}{(anchor is null ? "" : $"; C by {CAnchor.Build}")}");
            (Network Network, LatencyLoad Load)[] rounded = [.. precisions.Select(network.WithPrecision).Select(n => (n, LatencyLoad.For(n, threads: 1, calls, Time)))];
            IReadOnlyList<LatencyMeasurement> measurements = [.. threads.SelectMany(count => Measure(rounded, count, anchor))];
            if (!isJson)
                LatencyTable.Print(measurements, output);
            foreach (LatencyMeasurement measurement in isJson ? measurements : [])
                output.Json(measurement, LatencyMeasurement.Write);
        }

        return ExitCodes.Done;
    }

    /// <summary>All precisions on some threads, and C's, in turn.</summary>
    private static IEnumerable<LatencyMeasurement> Measure((Network Network, LatencyLoad Load)[] rounded, int threads, CAnchor? anchor)
    {
        var run = new LatencyRun();
        var sides = new List<(WeightPrecision Precision, bool IsPeer)>();
        foreach ((Network network, LatencyLoad alone) in rounded)
        {
            LatencyLoad load = alone with { Threads = threads };
            run.Add(network, load);
            sides.Add((network.Layers[0].Precision, false));
            AddAnchor(network.Layers[0].Precision, load);
        }

        // What a C program would do that does not round: the other ratio.
        if (!sides.Contains((WeightPrecision.Float32, false)))
            AddAnchor(WeightPrecision.Float32, rounded[0].Load with { Threads = threads });
        return run.Measure().Zip(sides, (figures, side) => new LatencyMeasurement(rounded[0].Network.Shape, side.Precision, threads, side.IsPeer, figures));

        void AddAnchor(WeightPrecision precision, LatencyLoad load)
        {
            if (anchor is null)
                return;
            run.Add(() => anchor.Block(precision, load), load);
            sides.Add((precision, true));
        }
    }
}
