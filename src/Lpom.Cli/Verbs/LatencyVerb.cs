using System.CommandLine;
using System.Globalization;
using Lpom.Cli.Latency;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom bench latency</c>: predictions of one sample by threads that share a network, beside the same in plain C.</summary>
internal static class LatencyVerb
{
    public const string Name = "latency";

    public const string Examples =
        """
          lpom bench latency --layers 784-300-10 --precision float32,bfloat16,int8
          lpom bench latency --layers 64-32-10 --threads 1..4 --calls 100000 --json
          lpom bench latency --model model.safetensors --data mnist --threads 1
        """;

    public const string Behaviour =
        """
        Samples are random numbers, none of them 0, or rows of --data: weights that meet a 0, as most of
        an image may be, are not read.

        All measurements take turns, block by block; a figure is the median of the blocks' figures. A
        reading of the clock takes in as many calls as last 2 us, and its time is their mean. With gcc,
        the same arithmetic in C (random weights, ReLU) is built and measured in turn with ours.
        """;

    private const int LeastCalls = 100, MostCalls = 10_000_000;

    private const int DefaultHidden = 300;

    private const ulong Seed = 1;

    private static readonly string[] DefaultLayers = ["784-300-10", "64-32-10"];

    // Of each measurement, without --calls.
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        Option<string[]> layers = CommonOptions.Networks("--layers", DefaultLayers);
        Option<string> model = CommonOptions.File("--model", "Measure this model instead of random weights");
        model.HelpName = CommonOptions.ModelPlaceholder;
        Option<string> data = CommonOptions.Data("Data whose test rows to predict for, by networks of its inputs [default: random numbers]");
        Option<string> dataDir = CommonOptions.DataDir();
        Option<string[]> precisions = Precisions();
        Option<int[]> threads = CommonOptions.ThreadCounts("Threads that predict at the same time [default: 1, and as many as processors]");
        Option<int?> calls = CommonOptions.Integer("--calls", LeastCalls, MostCalls, "Calls of each thread, or a few more [default: as many as take a second]");
        Option<bool> json = CommonOptions.Json();
        var command = new Command(Name, "Measure predictions of one sample on one and more threads, beside plain C") { layers, model, data, dataDir, precisions, threads, calls, json };
        command.SetAction(parsed => Run(
            Subjects(parsed.GetValue(layers) ?? [], parsed.GetValue(model), parsed.GetValue(data), parsed.GetValue(dataDir), parsed.GetValue(precisions)!),
            parsed.GetValue(precisions)!.Select(PrecisionNames.Of).Distinct().ToArray(),
            parsed.GetValue(threads) is { Length: > 0 } given ? given : [.. new[] { 1, Environment.ProcessorCount }.Distinct()],
            parsed.GetValue(calls),
            parsed.GetValue(json)));
        return command;
    }

    private static Option<string[]> Precisions() => new("--precision")
    {
        Description = $"Weights of the networks, one or more joined by ',': {string.Join(' ', PrecisionNames.All)}",
        HelpName = $"NAME{CommonOptions.ListEnd}",
        CompletionSources = { static _ => PrecisionNames.All },
        DefaultValueFactory = _ => [PrecisionNames.All[0]],
        CustomParser = result =>
        {
            string[] names = [.. result.Tokens.SelectMany(token => token.Value.Split(','))];
            foreach (string unknown in names.Except(PrecisionNames.All))
                result.AddError(CommonOptions.UnknownName("--precision", unknown, PrecisionNames.All));
            return names;
        },
    };

    private static IEnumerable<LatencySubject> Subjects(string[] layers, string? model, string? data, string? dataDir, string[] precisions)
    {
        if (model is not null && layers.Length > 0)
            throw new BadInputException("--model and --layers: give one of them; a model has its layers");
        if (model is not null)
            return [OfModel(model, data, dataDir)];
        Dataset? rows = data is null ? null : NamedData.Load(data, dataDir);
        int[][] networks = [.. Widths(layers, rows)];
        foreach (int[] widths in networks)
            // The weights as drawn, and, of ours and of C's, those in each precision.
            MemoryNeed.CheckPrediction(widths, bytes: sizeof(float) * (1 + (2 * precisions.Length)));
        return networks.Select(widths => Of(Random(widths), rows is null ? null : new ModelData(rows, rows.Test)));
    }

    private static IEnumerable<int[]> Widths(string[] layers, Dataset? rows)
    {
        if (layers.Length > 0 || rows is null)
            return (layers.Length > 0 ? layers : DefaultLayers).Select(LayerSpec.WidthsOf).Select(widths => Checked(widths, rows));
        return [[rows.Features, DefaultHidden, rows.Outputs]];
    }

    private static int[] Checked(int[] widths, Dataset? rows) => rows is null || widths[0] == rows.Features
        ? widths
        : throw new BadInputException($"--layers {string.Join('-', widths)}: takes {widths[0]} inputs, {rows.Name} has {rows.Features} a row");

    private static LatencySubject OfModel(string file, string? data, string? dataDir)
    {
        Network network = ModelFile.Load(file);
        return Of(network, data is null ? null : ModelData.Load(network, ModelRecord.Read(network, file), file, data, dataDir, ModelData.TestSplit));
    }

    private static LatencySubject Of(Network network, ModelData? data) =>
        new(network, data is null ? LatencySamples.Random(network) : LatencySamples.Of(data.Rows), data?.Name);

    private static Network Random(int[] widths) =>
        NetworkInit.Glorot(widths, Activation.Of(default(Relu)), Activation.Of(default(Identity)), Loss.LeastSquares, Seed);

    private static int Run(IEnumerable<LatencySubject> subjects, WeightPrecision[] precisions, int[] threads, int? calls, bool isJson)
    {
        using var output = new Output();
        foreach (LatencySubject subject in subjects)
        {
            Network network = subject.Network;
            using CAnchor? anchor = CAnchor.Start(network.Shape);
            if (anchor is not null && network.Layers.SkipLast(1).FirstOrDefault(l => l.Activation is not Activation<Relu>) is Layer other)
                Messages.Note($"note: the C anchor's hidden layers are relu, not {other.Activation.Name}");
            if (!isJson)
                output.Line($"{network.Shape}{RowsOf(subject)}, SIMD {(int)SimdLevel.Current}{(anchor is null ? "" : $"; C by {CAnchor.Build}")}");
            (Network Network, LatencyLoad Load)[] rounded = [.. precisions.Select(network.WithPrecision).Select(n => (n, LatencyLoad.For(n, subject.Samples, threads: 1, calls, Time)))];
            IReadOnlyList<LatencyMeasurement> measurements = [.. threads.SelectMany(count => Measure(subject, rounded, count, anchor))];
            if (!isJson)
                LatencyTable.Print(measurements, output);
            foreach (LatencyMeasurement measurement in isJson ? measurements : [])
                output.Json(measurement, LatencyMeasurement.Write);
        }

        return ExitCodes.Done;
    }

    private static string RowsOf(LatencySubject subject) =>
        subject.Data is null ? "" : string.Create(CultureInfo.InvariantCulture, $", rows of {subject.Data} ({LatencySamples.Zeros(subject.Samples):P0} zeros)");

    /// <summary>All precisions on some threads, and C's, in turn.</summary>
    private static IEnumerable<LatencyMeasurement> Measure(LatencySubject subject, (Network Network, LatencyLoad Load)[] rounded, int threads, CAnchor? anchor)
    {
        var run = new LatencyRun();
        var sides = new List<(WeightPrecision Precision, bool IsPeer)>();
        foreach ((Network network, LatencyLoad alone) in rounded)
        {
            LatencyLoad load = alone with { Threads = threads };
            run.Add(network, subject.Samples, load);
            sides.Add((network.Layers[0].Precision, false));
            AddAnchor(network.Layers[0].Precision, load);
        }

        // What a C program would do that does not round: the other ratio.
        if (!sides.Contains((WeightPrecision.Float32, false)))
            AddAnchor(WeightPrecision.Float32, rounded[0].Load with { Threads = threads });
        return run.Measure().Zip(sides, (figures, side) => new LatencyMeasurement(subject, side.Precision, threads, side.IsPeer, figures));

        void AddAnchor(WeightPrecision precision, LatencyLoad load)
        {
            if (anchor is null)
                return;
            run.Add(() => anchor.Block(precision, load), load);
            sides.Add((precision, true));
        }
    }
}
