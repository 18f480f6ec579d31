using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class AutoencoderTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lpom")]
    [InlineData("adam")]
    public void Digits_go_through_a_narrow_layer_and_come_back(string method)
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--task", "autoencode", "--layers", "40-10-40", "--method", method, "--epochs", "8", "--json");
        JsonElement done = ran.Json[^1];
        Assert.Equal("64-40-10-40-64", ran.Json[0].GetProperty("layers").GetString());
        // The digits' own variance is 0.11.
        Assert.InRange(done.GetProperty("testMse").GetDouble(), 0.001, 0.07);
        Assert.InRange(done.GetProperty("trainMse").GetDouble(), 0.001, 0.07);
        Assert.Equal(0, done.GetProperty("allocatedBytesPerStep").GetDouble());
        Assert.False(done.TryGetProperty("testAccuracy", out _));
        JsonElement score = LpomProcess.Run(_folder.FullName, "eval", TrainedDigits.Model, "--json").Json[0];
        Assert.Equal(done.GetProperty("testMse").GetDouble(), score.GetProperty("mse").GetDouble());
        JsonElement model = LpomProcess.Run(_folder.FullName, "inspect", TrainedDigits.Model, "--json").Json[0];
        Assert.Equal(["relu", "identity", "relu", "identity"], model.GetProperty("architecture").EnumerateArray().Select(l => l.GetProperty("activation").GetString()));
    }

    [Fact]
    public void Columns_of_wild_scales_come_back_in_their_own_units()
    {
        File.WriteAllLines(_folder["wild.csv"], Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"{i % 2},{1e6 + (i % 2 * 1e4)},7,{i % 2 * 2},{i % 2 * 3},{i % 2}")));
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--data", "wild.csv", "--task", "autoencode", "--layers", "16-2-16", "--epochs", "150", "--quiet");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        JsonElement[] answers = LpomProcess.Run(_folder.FullName, environment: null, "0,1000000,7,0,0\n1,1010000,7,2,3\n", "predict", TrainedDigits.Model, "--json").Json;
        double[] low = Values(answers[0]), high = Values(answers[1]);
        Assert.Equal(1e6, low[1], 2e3);
        Assert.Equal(1.01e6, high[1], 2e3);
        Assert.Equal(1, high[0] - low[0], 0.2);
        Assert.Equal(7, low[2], 0.1);
        Assert.False(answers[0].TryGetProperty("label", out _));
    }

    [Fact]
    public void An_error_beyond_float32_is_a_number_in_double()
    {
        WriteFarTestRows("far.csv", scale: 1, far: "1e37");
        JsonElement done = LpomProcess.Run(_folder.FullName, "train", "--data", "far.csv", "--task", "autoencode", "--layers", "8", "--epochs", "2", "--json", "--quiet").Json[^1];
        Assert.InRange(done.GetProperty("testMse").GetDouble(), 1e70, 1e80);
        JsonElement score = LpomProcess.Run(_folder.FullName, "eval", TrainedDigits.Model, "--data", "far.csv", "--json").Json[0];
        Assert.Equal(done.GetProperty("testMse").GetDouble(), score.GetProperty("mse").GetDouble());
    }

    [Fact]
    public void An_error_that_is_not_finite_is_null_and_said_to_people()
    {
        WriteFarTestRows("far.csv", scale: 1e-6, far: "3e38");
        string[] train = ["train", "--data", "far.csv", "--task", "autoencode", "--layers", "8", "--epochs", "2"];
        Ran ran = LpomProcess.Run(_folder.FullName, [.. train, "--json", "--quiet"]);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.Equal(JsonValueKind.Null, ran.Json[^1].GetProperty("testMse").ValueKind);
        Assert.InRange(ran.Json[^1].GetProperty("trainMse").GetDouble(), 0, 1);
        ran = LpomProcess.Run(_folder.FullName, train);
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("test MSE not finite", ran.Errors);
        Assert.Matches(@"\| Test error +\| +MSE not finite \|", ran.Output);
        Assert.Contains("not a finite number", LpomProcess.Run(_folder.FullName, "eval", TrainedDigits.Model, "--data", "far.csv", "--json").AssertBadInput());
    }

    [Fact]
    public void A_value_that_overflows_in_its_own_units_is_a_bad_row()
    {
        Assert.Equal(0, LpomProcess.Run(_folder.FullName, "train", "--task", "autoencode", "--layers", "8", "--epochs", "1", "--quiet").ExitCode);
        byte[] model = File.ReadAllBytes(_folder[TrainedDigits.Model]);
        // Scores are finite; in raw values they are 10⁴⁰ times as large.
        "1.e-40"u8.CopyTo(model.AsSpan(model.AsSpan().IndexOf("0.0625"u8)));
        File.WriteAllBytes(_folder[TrainedDigits.Model], model);
        string row = string.Join(',', Enumerable.Repeat(7, 64));
        Ran ran = LpomProcess.Run(_folder.FullName, environment: null, $"{row}\n{row}\n", "predict", TrainedDigits.Model, "--json", "--on-error", "skip");
        Assert.Equal((0, 2), (ran.ExitCode, ran.Json.Length));
        Assert.All(ran.Json, answer => Assert.Contains("not a finite number", answer.GetProperty("error").GetString()));
    }

    [Theory]
    [InlineData("64 inputs", "--layers", "64-10-30")]
    [InlineData("--loss cross-entropy", "--loss", "cross-entropy")]
    [InlineData("classifies only", "--method", "lpom-paper")]
    [InlineData("--label-smoothing: --task autoencode has no such setting", "--label-smoothing", "0.1")]
    public void Options_that_do_not_fit_are_refused(string expected, string option, string value) =>
        Assert.Contains(expected, LpomProcess.Run(_folder.FullName, "train", "--task", "autoencode", option, value).AssertBadInput());

    /// <summary>A table of two classes whose test rows, every fifth of a class, lie far from the others.</summary>
    private void WriteFarTestRows(string name, double scale, string far) =>
        File.WriteAllLines(_folder[name], Enumerable.Range(1, 200).Select(i => i % 10 is 9 or 0 ? $"{far},{far},{far},{i % 2}" : FormattableString.Invariant($"{i % 7 * scale},{i % 5 * scale},{i % 3 * scale},{i % 2}")));

    private static double[] Values(JsonElement answer) => [.. answer.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())];
}
