using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

/// <summary>export, and the other verbs with what it writes and with what other programs export.</summary>
public sealed class ExportTests(TrainedDigits digits) : IClassFixture<TrainedDigits>
{
    private const string Onnx = "model.onnx";

    [Fact]
    public void Export_writes_ONNX_that_eval_predict_and_inspect_take_like_the_model_itself()
    {
        Ran ran = Export(Onnx);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.StartsWith("model.onnx: onnx, network 64-128-10, ", Assert.Single(ran.OutputLines));
        Assert.EndsWith("; its inputs are raw values * 0.0625", ran.OutputLines[0]);
        Assert.Equal(Run("eval", TrainedDigits.Model, "--json").Output, Run("eval", Onnx, "--json").Output);
        Assert.Equal(Run("predict", TrainedDigits.Model, "digits-inputs.csv", "--json").Output, Run("predict", Onnx, "digits-inputs.csv", "--json").Output);
        Assert.Equal(Run("inspect", TrainedDigits.Model).Output.Replace(TrainedDigits.Model, Onnx, StringComparison.Ordinal), Run("inspect", Onnx).Output);
    }

    [Fact]
    public void A_model_comes_back_from_ONNX_byte_for_byte()
    {
        Export("there.onnx");
        JsonElement done = Run("export", "there.onnx", "--format", "safetensors", "--output", "back.safetensors", "--json").Json[0];
        byte[] back = File.ReadAllBytes(digits["back.safetensors"]);
        Assert.Equal(File.ReadAllBytes(digits[TrainedDigits.Model]), back);
        Assert.Equal(("back.safetensors", "safetensors", "64-128-10", back.Length), (done.GetProperty("model").GetString(), done.GetProperty("format").GetString(), done.GetProperty("layers").GetString(), done.GetProperty("bytes").GetInt32()));
    }

    [Fact]
    public void A_model_that_another_program_exported_is_used_without_metadata()
    {
        string model = Fixture("sklearn-classifier");
        const string Rows = "0.5,-1,2,0\n0,3,0,0\n";
        JsonElement[] answers = LpomProcess.Run(digits.FullName, environment: null, Rows, "predict", model, "--json").Json;
        Assert.Equal([2, 1], answers.Select(a => a.GetProperty("label").GetInt32()));
        Assert.False(answers[0].TryGetProperty("class", out _));
        Assert.Contains("onnx.producer: skl2onnx 1.14.0", Run("inspect", model).Output);
        File.WriteAllLines(digits["three.csv"], Enumerable.Range(0, 30).Select(i => $"{(i % 3 == 0 ? 3 : 0)},{(i % 3 == 1 ? 3 : 0)},{(i % 3 == 2 ? 3 : 0)},0,{i % 3}"));
        Assert.Equal(1, Run("eval", model, "--data", "three.csv", "--split", "all", "--json").Json[0].GetProperty("accuracy").GetDouble());
        Assert.Contains("give --data", Run("eval", model).AssertBadInput());
        Assert.Contains("rows of 4 values", Run("inspect", model, "--quantize").AssertBadInput());
        Assert.Equal(0, Run("export", model, "--format", "safetensors", "--output", "sklearn.safetensors").ExitCode);
        Assert.Equal(answers[0].GetRawText(), LpomProcess.Run(digits.FullName, environment: null, Rows, "predict", "sklearn.safetensors", "--json").OutputLines[0]);
    }

    [Theory]
    [InlineData("(Conv): the operator is not supported", "inspect", "pytorch-convolution")]
    [InlineData("is kept in another file", "predict", "external")]
    public void A_model_that_is_not_supported_is_bad_input(string expected, string verb, string name) =>
        Assert.Contains(expected, Run(verb, Fixture(name)).AssertBadInput());

    [Fact]
    public void A_model_cut_off_at_any_byte_is_bad_input()
    {
        Export("whole.onnx");
        byte[] whole = File.ReadAllBytes(digits["whole.onnx"]);
        foreach (int length in (int[])[0, 1, 8, 300, whole.Length / 2, whole.Length - 1])
        {
            File.WriteAllBytes(digits["cut.onnx"], whole[..length]);
            Assert.Contains("cut.onnx", Run("eval", "cut.onnx").AssertBadInput());
        }
    }

    [Theory]
    [InlineData("--format", "export", TrainedDigits.Model, "--output", "x.onnx")]
    [InlineData("--output", "export", TrainedDigits.Model, "--format", "onnx")]
    [InlineData("onnx", "export", TrainedDigits.Model, "--format", "onx", "--output", "x.onnx")]
    [InlineData("no such model file", "export", "nowhere.onnx", "--format", "onnx", "--output", "x.onnx")]
    [InlineData("no folder", "export", TrainedDigits.Model, "--format", "onnx", "--output", "nowhere/x.onnx")]
    [InlineData("is no model; it is not overwritten", "export", TrainedDigits.Model, "--format", "onnx", "--output", "digits-inputs.csv")]
    [InlineData("not Safetensors as its name says", "export", TrainedDigits.Model, "--format", "onnx", "--output", "x.safetensors")]
    [InlineData("'lpom export' makes ONNX", "train", "--output", "x.onnx")]
    public void Wrong_usage_is_bad_input_and_writes_nothing(string expected, params string[] arguments)
    {
        string[] before = [.. digits.Names];
        Assert.Contains(expected, Run(arguments).AssertBadInput());
        Assert.Equal(before, digits.Names);
    }

    [Fact]
    public void A_model_in_the_place_of_the_output_is_replaced()
    {
        Export("again.onnx");
        byte[] first = File.ReadAllBytes(digits["again.onnx"]);
        Assert.Equal(0, Export("again.onnx").ExitCode);
        Assert.Equal(first, File.ReadAllBytes(digits["again.onnx"]));
    }

    private Ran Export(string file) => Run("export", TrainedDigits.Model, "--format", "onnx", "--output", file);

    private Ran Run(params string[] arguments) => LpomProcess.Run(digits.FullName, arguments);

    private static string Fixture(string name) =>
        Path.Combine(TestedProgram.Root, "tests", "Lpom.Simd.Tests", "Model", "Onnx", "Fixtures", $"{name}.onnx");
}
