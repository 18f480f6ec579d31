using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class LatencyTests(TrainedDigits digits) : IClassFixture<TrainedDigits>
{
    private static readonly string[] Folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');

    private static bool HasCompiler => Folders.Any(folder => File.Exists(Path.Combine(folder, "gcc")));

    [Fact]
    public void Json_is_a_line_for_each_measurement_and_one_of_plain_C()
    {
        Ran ran = Latency("--layers", "64-32-10", "--precision", "int8,bfloat16", "--threads", "1..2", "--calls", "200", "--json");
        Assert.Equal(0, ran.ExitCode);
        Assert.Equal(HasCompiler ? 0 : 1, ran.ErrorLines.Length);
        JsonElement[] own = [.. ran.Json.Where(l => !l.TryGetProperty("peer", out _))], peers = [.. ran.Json.Where(l => l.TryGetProperty("peer", out _))];
        Assert.Equal([("int8", 1), ("bfloat16", 1), ("int8", 2), ("bfloat16", 2)], own.Select(Kind));
        Assert.All(own, line => Assert.InRange(line.GetProperty("calls").GetInt64(), 200 * Kind(line).Threads, 40_000));
        (string, int)[] expected = HasCompiler ? [("bfloat16", 1), ("bfloat16", 2), ("float32", 1), ("float32", 2), ("int8", 1), ("int8", 2)] : [];
        Assert.Equal(expected, peers.Select(Kind).Order());
        Assert.All(peers, line => Assert.Equal("c", line.GetProperty("peer").GetString()));
        Assert.All(ran.Json, line =>
        {
            Assert.Equal("64-32-10", line.GetProperty("layers").GetString());
            double[] times = [.. ((string[])["p50us", "p99us", "p999us"]).Select(name => line.GetProperty(name).GetDouble())];
            Assert.True(times[0] > 0);
            Assert.Equal(times.Order(), times);
            Assert.Equal(0, line.GetProperty("bytesPerCall").GetDouble());
        });
    }

    [Fact]
    public void Without_a_compiler_a_note_says_that_C_is_left_out()
    {
        Ran ran = LpomProcess.Run(digits.FullName, ("PATH", digits.FullName), input: null, "bench", "latency", "--layers", "9-4", "--calls", "100", "--threads", "1");
        Assert.Equal(0, ran.ExitCode);
        Assert.StartsWith("note: the C anchor is left out: there is no gcc", Assert.Single(ran.ErrorLines));
        Assert.StartsWith("9-4, SIMD ", ran.OutputLines[0]);
        Assert.Equal(["float32", "1"], ran.OutputLines[^1].Split('|', StringSplitOptions.TrimEntries)[1..3]);
    }

    [Fact]
    public void A_network_beyond_the_limits_of_C_is_measured_without_it()
    {
        byte[] header = """{"__metadata__":{"format":"lpom-1","layers":"1000001-1","activations":"identity","loss":"least-squares"},"layers.0.weight":{"dtype":"F32","shape":[1,1000001],"data_offsets":[0,4000004]}}"""u8.ToArray();
        File.WriteAllBytes(digits["wide.safetensors"], [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[4_000_004]]);
        Ran ran = Latency("--model", "wide.safetensors", "--calls", "100", "--threads", "1", "--json");
        Assert.Equal(0, ran.ExitCode);
        Assert.StartsWith("note: the C anchor is left out: it takes", Assert.Single(ran.ErrorLines));
        Assert.Single(ran.Json);
    }

    [Fact]
    public void A_compiler_that_fails_is_no_failure()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TestFolder();
        File.WriteAllText(folder["gcc"], "#!/bin/sh\necho 'gcc: no headers here' >&2\nexit 1\n");
        File.SetUnixFileMode(folder["gcc"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Ran ran = LpomProcess.Run(folder.FullName, ("PATH", folder.FullName), input: null, "bench", "latency", "--layers", "9-4", "--calls", "100", "--threads", "1", "--json");
        Assert.Equal((0, 1), (ran.ExitCode, ran.OutputLines.Length));
        Assert.Contains("gcc could not build it: gcc: no headers here", Assert.Single(ran.ErrorLines));
    }

    [Fact]
    public void A_model_is_measured_as_it_is()
    {
        JsonElement line = Latency("--model", TrainedDigits.Model, "--threads", "1", "--calls", "100", "--json").Json[0];
        Assert.Equal(("64-128-10", "float32", 1), (line.GetProperty("layers").GetString(), Kind(line).Precision, Kind(line).Threads));
    }

    [Fact]
    public void Rows_of_data_are_measured_by_a_network_of_their_inputs_and_classes()
    {
        JsonElement line = Latency("--data", "digits", "--threads", "1", "--calls", "100", "--json").Json[0];
        Assert.Equal(("64-300-10", "digits"), (line.GetProperty("layers").GetString(), line.GetProperty("data").GetString()));
        Assert.InRange(line.GetProperty("zeros").GetDouble(), 0.4, 0.6);
    }

    [Fact]
    public void A_model_is_measured_on_rows_scaled_as_it_was_trained()
    {
        Ran ran = Latency("--model", TrainedDigits.Model, "--data", "digits", "--threads", "1", "--calls", "100");
        Assert.Equal(0, ran.ExitCode);
        Assert.Matches("^64-128-10, rows of digits \\([45][0-9] % zeros\\), SIMD ", ran.OutputLines[0]);
    }

    [Theory]
    [InlineData("--layers 9-4: takes 9 inputs, digits has 64 a row", "--layers", "9-4", "--data", "digits")]
    [InlineData("no such", "--data", "nowhere.csv")]
    [InlineData("--threads: expected whole numbers", "--threads", "2..1")]
    [InlineData("--threads: expected whole numbers", "--threads", "1,x")]
    [InlineData("--threads: expected whole numbers", "--threads", "0")]
    [InlineData("--calls: expected a whole number from 100", "--calls", "1")]
    [InlineData("did you mean 'int8'", "--precision", "float32,int9")]
    [InlineData("--layers: expected widths from inputs to classes", "--layers", "300")]
    [InlineData("too large", "--layers", "1000000-1000000")]
    [InlineData("give one of them", "--layers", "64-10", "--model", TrainedDigits.Model)]
    [InlineData("no such model file", "--model", "nowhere.safetensors")]
    [InlineData("unknown argument 'more'", "more")]
    public void Wrong_options(string expected, params string[] options) => Assert.Contains(expected, Latency(options).AssertBadInput());

    private Ran Latency(params string[] options) => LpomProcess.Run(digits.FullName, ["bench", "latency", .. options]);

    private static (string Precision, int Threads) Kind(JsonElement line) => (line.GetProperty("precision").GetString()!, line.GetProperty("threads").GetInt32());
}
