using Lpom.Bench.Scaling;

namespace Lpom.Bench.Tests;

public sealed class ScalingCommandTests : IDisposable
{
    private static readonly Machine Core = new(160e9, 2, 60e9, 20e9, 32e6, 15e-6, 5e-6, 1e-6, 10e9);

    private readonly string _folder = Directory.CreateTempSubdirectory("lpom-scaling").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--node-cores", "0")]
    [InlineData("--node-efficiency", "1.5")]
    [InlineData("--node-memory", "-1")]
    [InlineData("--node-cache", "much")]
    [InlineData("--network", "0")]
    [InlineData("--latency")]
    [InlineData("--depth", "1001")]
    [InlineData("--batches", "100,")]
    [InlineData("--measure", "0")]
    [InlineData("--output")]
    [InlineData("--unknown", "1")]
    public void A_wrong_option_is_refused(params string[] args) => Assert.Equal((2, 1), RunSilently(args));

    [Fact]
    public void Options_are_in_the_units_that_they_say()
    {
        ScalingOptions options = ScalingOptions.Parse(["--network", "25", "--latency", "1.5", "--node-memory", "200", "--node-cache", "64", "--batches", "7,8"])!;
        Assert.Equal((25e9, 1.5e-6, 200e9, 64e6), (options.Bandwidth, options.Latency, options.NodeMemoryRate, options.NodeCacheBytes));
        Assert.Equal([7, 8], options.Batches);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("""{"layers":"784","batch":100,"rows":60000,"ranks":1,"threads":1,"secondsPerEpoch":1,"scheme":"alone"}""")]
    [InlineData("""{"layers":"784-10","batch":0,"rows":60000,"ranks":1,"threads":1,"secondsPerEpoch":1,"scheme":"alone"}""")]
    [InlineData("""{"layers":"784-10","batch":100,"rows":0,"ranks":1,"threads":1,"secondsPerEpoch":1,"scheme":"alone"}""")]
    [InlineData("""{"layers":"784-10","batch":100,"rows":60000,"ranks":2,"threads":1,"secondsPerEpoch":1,"scheme":"alone"}""")]
    [InlineData("""{"layers":"784-10","batch":100,"rows":60000,"ranks":1,"threads":2,"secondsPerEpoch":1,"scheme":"alone"}""")]
    [InlineData("""{"layers":"784-10","batch":100,"rows":60000,"ranks":1,"threads":1,"secondsPerEpoch":-1,"scheme":"alone"}""")]
    [InlineData("""{"layers":"784-10","batch":100,"rows":60000,"ranks":1,"threads":1,"secondsPerEpoch":1,"scheme":"magic"}""")]
    [InlineData("""{"layers":"784-10","batch":100,"rows":60000,"ranks":1000000,"threads":1,"secondsPerEpoch":1,"scheme":"units"}""")]
    [InlineData("""{"ranks":0,"constants":{"gemmRate":1,"halfStrip":1,"cacheRate":1,"memoryRate":1,"cacheBytes":1,"layerSeconds":1,"callSeconds":1,"latency":1,"bandwidth":1}}""")]
    [InlineData("""{"ranks":1,"constants":{"gemmRate":0,"halfStrip":1,"cacheRate":1,"memoryRate":1,"cacheBytes":1,"layerSeconds":1,"callSeconds":1,"latency":1,"bandwidth":1}}""")]
    [InlineData("""{"ranks":1,"constants":{"gemmRate":1,"halfStrip":1,"cacheRate":1,"memoryRate":1,"cacheBytes":1,"layerSeconds":1,"callSeconds":1,"latency":1,"bandwidth":1}}""")]
    [InlineData("""{"ranks":1,"constants":7}""")]
    public void Bad_runs_give_one_error_and_no_page(string line)
    {
        Assert.Equal((1, 1), RunSilently("--runs", Write(line), "--output", Page));
        Assert.False(File.Exists(Page));
    }

    [Fact]
    public void Runs_that_are_not_there_give_one_error() => Assert.Equal((1, 1), RunSilently("--runs", Path.Combine(_folder, "nothing"), "--output", Page));

    [Fact]
    public void A_page_that_cannot_be_written_gives_one_error() => Assert.Equal((1, 1), RunSilently("--output", Path.Combine(_folder, "nowhere", "page.md")));

    [Fact]
    public void The_page_names_every_scheme_and_what_it_assumes()
    {
        string text = PageOf();
        Assert.All(ScalingRun.SchemeNames, scheme => Assert.Contains($"### `{scheme}`", text));
        Assert.Contains("nothing is checked", text);
        Assert.Contains("is assumed: 1.00 µs", text);
        Assert.Contains("64 cores", text);
        Assert.All(NodeCase.Widths, width => Assert.Contains($"| {width} | 512 |", text));
        Assert.Contains("### B = 100\n", text);
        Assert.Contains("### B = 4096\n", text);
        Assert.DoesNotContain("NaN", text);
        Assert.DoesNotContain("\r", text);
    }

    [Fact]
    public void A_run_is_fitted_and_the_others_are_predicted()
    {
        LayerSize[] network = LayerSize.Parse("784-1024-1024-10")!;
        double alone = 600 * Schemes.Alone(network, 100).Seconds(Core);
        double units = 600 * Schemes.Units(network, 100, 2).Seconds(Core with { Latency = 3e-6 });
        string text = PageOf(Line("alone", 1, alone * 1.1), Line("units", 1, alone), Line("units", 2, units));
        Assert.Contains("3.00 µs, so that the model gives the time of **one** run, 784-1024-1024-10, `units` on 2 ranks", text);
        Assert.Contains("| 1.00 (fitted) |", text);
        Assert.Contains("| 0.91 |", text);
        Assert.Contains("Largest deviation of a prediction: 9 %, of 784-1024-1024-10, `alone` on 1 rank; the aim of 20 % is met.", text);
    }

    [Fact]
    public void Ranks_with_layers_of_their_own_are_predicted()
    {
        double layers = 600 * Schemes.Layers(LayerSize.Parse("784-1024-1024-10")!, 100, 2, Core).Seconds(Core);
        string text = PageOf(Line("layers", 2, layers * 2));
        Assert.Contains("is assumed: 1.00 µs", text);
        Assert.Contains("| 100 | layers | 2 |", text);
        Assert.Contains("Largest deviation of a prediction: 50 %, of 784-1024-1024-10, `layers` on 2 ranks; the aim of 20 % is **missed**.", text);
    }

    [Fact]
    public void A_deviation_beyond_the_aim_is_said()
    {
        string text = PageOf(Line("alone", 1, 1e3), Line("units", 2, 1e3));
        Assert.Contains("the aim of 20 % is **missed**", text);
        Assert.Contains("the bound is taken", text);
    }

    [Fact]
    public void Constants_among_the_runs_are_the_page_s()
    {
        string[] constants = [ConstantsOf(Core with { GemmRate = 300e9 }), ConstantsOf(Core with { GemmRate = 200e9 }), ConstantsOf(Core with { GemmRate = 250e9 })];
        string text = PageOf([.. constants, Line("alone", 1, 1)]);
        Assert.Contains("| times measured, in turn with the runs | 3 |", text);
        Assert.Contains("| F, GFLOP/s of products, without the part of h | 250 |", text);
        Assert.Contains("| once, now |", PageOf(Line("alone", 1, 1)));
    }

    [Fact]
    public void Of_repeated_runs_the_median_counts()
    {
        string text = PageOf(Line("alone", 1, 1), Line("units", 1, 7), Line("alone", 1, 3), Line("alone", 1, 2));
        Assert.Contains("| 3 | 2.00 |", text);
        Assert.Contains("| 1 | 7.00 |", text);
    }

    [Fact]
    public void It_measures()
    {
        Machine machine = MachineMeasure.Measure(ranks: 1, blockSeconds: 0.01);
        Assert.All(
            (double[])[machine.GemmRate, machine.CacheRate, machine.MemoryRate, machine.CacheBytes, machine.LayerSeconds, machine.CallSeconds, machine.Latency, machine.Bandwidth],
            figure => Assert.True(figure > 0 && double.IsFinite(figure), $"{machine}"));
        Assert.True(machine.HalfStrip >= 0);
    }

    private string Page => Path.Combine(_folder, "page.md");

    private static string Line(string scheme, int ranks, double seconds) =>
        $$"""{"layers":"784-1024-1024-10","batch":100,"rows":60000,"ranks":{{ranks}},"threads":1,"secondsPerEpoch":{{seconds:R}},"scheme":"{{scheme}}"}""";

    // What the command prints with --measure.
    private static string ConstantsOf(Machine machine)
    {
        TextWriter console = Console.Out;
        using var lines = new StringWriter();
        Console.SetOut(lines);
        try
        {
            Assert.Equal(0, ScalingCommand.Run(["--measure", "1"], _ => machine));
            return lines.ToString().Trim();
        }
        finally
        {
            Console.SetOut(console);
        }
    }

    private string Write(params string[] lines)
    {
        string path = Path.Combine(_folder, "runs.jsonl");
        File.WriteAllLines(path, lines);
        return path;
    }

    private string PageOf(params string[] runs)
    {
        string[] options = runs.Length == 0 ? [] : ["--runs", Write(runs)];
        Assert.Equal((0, 1), RunSilently(["--output", Page, .. options]));
        return File.ReadAllText(Page);
    }

    // The exit code, and the command's lines on the standard error, where other tests' commands may write too.
    private static (int ExitCode, int Lines) RunSilently(params string[] args)
    {
        TextWriter console = Console.Error;
        using var errors = new StringWriter();
        Console.SetError(errors);
        try
        {
            int exitCode = ScalingCommand.Run(args, _ => Core);
            return (exitCode, errors.ToString().Split('\n').Count(line => line.StartsWith("scaling: ", StringComparison.Ordinal)));
        }
        finally
        {
            Console.SetError(console);
        }
    }
}
