using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class BenchTests : IDisposable
{
    private static readonly string[] Parts = ["gemmShare", "elementwiseShare", "waitingShare", "otherShare"];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, "lpom")]
    [InlineData(2, "lpom")]
    [InlineData(2, "lpom-paper", "--method", "lpom-paper")]
    [InlineData(1, "sgd", "--method", "sgd")]
    public void Json_is_a_line_of_steps_and_one_of_latency_for_each_network(int threads, string method, params string[] options)
    {
        Ran ran = Bench(["--json", "--threads", $"{threads}", "--layers", "784-300-10", "--layers", "9-4", .. options]);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        JsonElement[] lines = ran.Json;
        Assert.Equal(["bench", "latency", "bench", "latency"], lines.Select(l => l.GetProperty("event").GetString()));
        AssertSteps(lines[0], "784-300-10", method, threads);
        AssertLatency(lines[1], "784-300-10");
        AssertSteps(lines[2], "9-4", method, threads);
        AssertLatency(lines[3], "9-4");
    }

    [Fact]
    public void People_read_tables_and_what_is_going_on()
    {
        Ran ran = Bench("--layers", "64-128-10");
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("about 1 s", Assert.Single(ran.ErrorLines));
        Assert.Matches(@"^SIMD \d+, \d+ threads?\. Peak of one: \d+ GFLOP/s", ran.OutputLines[0]);
        Assert.Equal(2, ran.OutputLines.Count(l => l.StartsWith("64-128-10 ", StringComparison.Ordinal)));
        Assert.Empty(_folder.Names);
    }

    [Theory]
    [InlineData("--seconds: expected a whole number from 1", "--seconds", "0")]
    [InlineData("--threads: expected", "--threads", "0")]
    [InlineData("--method: unknown name 'newton'", "--method", "newton")]
    [InlineData("--layers: expected widths from inputs to classes", "--layers", "300")]
    [InlineData("--layers: expected widths from 1", "--layers", "784-0-10")]
    [InlineData("--layers: expected widths from 1", "--layers", "784-10", "--layers", "a-b")]
    [InlineData("too large", "--layers", "1000000-1000000")]
    [InlineData("did you mean '--json'", "--jsn")]
    [InlineData("unknown command 'more'", "more")]
    public void Wrong_options(string expected, params string[] options) =>
        Assert.Contains(expected, LpomProcess.Run(_folder.FullName, ["bench", .. options]).AssertBadInput());

    private Ran Bench(params string[] options) => LpomProcess.Run(_folder.FullName, ["bench", "--seconds", "1", .. options]);

    private static void AssertSteps(JsonElement line, string layers, string method, int threads)
    {
        Assert.Contains(line.GetProperty("simd").GetInt32(), new[] { 512, 256, 128, 1 });
        Assert.Equal(threads, line.GetProperty("threads").GetInt32());
        Assert.True(line.GetProperty("peakGflops").GetDouble() > 0);
        Assert.True(line.GetProperty("gemmPeakFraction").GetDouble() > 0);
        JsonElement step = line.GetProperty("step");
        Assert.Equal((layers, method), (step.GetProperty("layers").GetString(), step.GetProperty("method").GetString()));
        Assert.True(step.GetProperty("gemmPeakFraction").GetDouble() > 0);
        Assert.All(Parts, name => Assert.InRange(step.GetProperty(name).GetDouble(), 0, 1));
        Assert.Equal(1, Parts.Sum(name => step.GetProperty(name).GetDouble()), 3);
        Assert.InRange(step.GetProperty("packingShare").GetDouble(), 0, step.GetProperty("gemmShare").GetDouble());
        Assert.Equal(threads > 1, step.GetProperty("waitingShare").GetDouble() > 0);
        Assert.True(step.GetProperty("steps").GetInt32() > 0);
        Assert.True(step.GetProperty("stepsPerSecond").GetDouble() > 0);
    }

    private static void AssertLatency(JsonElement line, string layers)
    {
        Assert.Equal((layers, "float32", 1), (line.GetProperty("layers").GetString(), line.GetProperty("precision").GetString(), line.GetProperty("threads").GetInt32()));
        double[] times = [.. ((string[])["p50us", "p99us", "p999us"]).Select(name => line.GetProperty(name).GetDouble())];
        Assert.True(times[0] > 0);
        Assert.Equal(times.Order(), times);
        Assert.Equal(0, line.GetProperty("bytesPerCall").GetDouble());
        Assert.True(line.GetProperty("calls").GetInt32() > 0);
    }
}
