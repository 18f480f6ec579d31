using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class ConfigTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--method", "lpom", "--activation", "tanh", "--patience", "2")]
    [InlineData("--method", "adam", "--lr", "0.01", "--dropout", "0.1")]
    [InlineData("--method", "lpom-paper", "--mu", "7")]
    [InlineData("--task", "autoencode", "--schedule", "cosine", "--seed", "7")]
    [InlineData("--parallel", "sync", "--seed", "2")]
    public void A_training_is_repeated_from_its_model_to_the_same_bytes(params string[] options)
    {
        Assert.Equal(0, Run(["train", "--epochs", "2", "--layers", "24", "--output", "a.safetensors", "--threads", "1", "--quiet", .. options]).ExitCode);
        Assert.Equal(0, Run("train", "--config-from", "a.safetensors", "--output", "b.safetensors", "--quiet").ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["a.safetensors"]), File.ReadAllBytes(_folder["b.safetensors"]));
    }

    [Theory]
    [InlineData("rows")]
    [InlineData("sync")]
    [InlineData("async")]
    public void What_threads_share_is_in_a_printed_configuration(string parallel)
    {
        string printed = Run("train", "--layers", "24", "--parallel", parallel, "--print-config").Output;
        Assert.Equal(parallel, JsonDocument.Parse(printed).RootElement.GetProperty("parallel").GetString());
    }

    [Fact]
    public void A_printed_configuration_trains_the_same_weights_and_the_command_line_goes_before_it()
    {
        string printed = Run("train", "--epochs", "2", "--layers", "24", "--activation", "sigmoid", "--print-config").Output;
        JsonElement config = JsonDocument.Parse(printed).RootElement;
        Assert.Equal((1, "64-24-10", "orthogonal"), (config.GetProperty("version").GetInt32(), config.GetProperty("layers").GetString(), config.GetProperty("init").GetString()));
        Assert.False(File.Exists(_folder["model.safetensors"]));
        File.WriteAllText(_folder["run.json"], printed);
        double plain = Accuracy("train", "--epochs", "2", "--layers", "24", "--activation", "sigmoid");
        Assert.Equal(plain, Accuracy("train", "--config", "run.json"));
        Assert.Equal(1, Run("train", "--config", "run.json", "--epochs", "1", "--json", "--quiet").Json[^1].GetProperty("epochs").GetInt32());
    }

    [Fact]
    public void A_configuration_that_is_longer_than_any_is_refused()
    {
        File.WriteAllText(_folder["run.json"], $"{{\"epochs\": [{string.Join(',', Enumerable.Repeat(1, 20_000))}]}}");
        Assert.Contains("run.json has more than 32768 bytes", Run("train", "--config", "run.json").AssertBadInput());
    }

    [Theory]
    [InlineData("{\"epoch\": 3}", "run.json: unknown key 'epoch', did you mean 'epochs'?")]
    [InlineData("{\"config\": \"other.json\"}", "unknown key 'config'")]
    [InlineData("{\"version\": 2}", "of version 2; this lpom reads version 1")]
    [InlineData("{\"epochs\": 0}", "run.json: --epochs: expected a whole number from 1")]
    [InlineData("{\"activation\": \"rellu\"}", "run.json: --activation: unknown name 'rellu', did you mean 'relu'?")]
    [InlineData("{\"epochs\": [3]}", "epochs: expected a string or a number, found [3]")]
    [InlineData("{\"quiet\": \"yes\"}", "quiet: expected true or false")]
    [InlineData("{\"epochs\": 3, \"epochs\": 4}", "the key 'epochs' is there twice")]
    [InlineData("{\"epochs\": 3", "line 1, byte 13: this is no JSON")]
    [InlineData("{\"data\": \"\\ud800\"}", "run.json: data: half of a pair of surrogates")]
    [InlineData("{\"\\ud800\": 1}", "run.json: half of a pair of surrogates")]
    [InlineData("[3]", "expected a JSON object")]
    [InlineData("", "this is no JSON")]
    public void A_bad_configuration_is_named_with_its_place(string config, string expected)
    {
        File.WriteAllText(_folder["run.json"], config);
        Assert.Contains(expected, Run("train", "--config", "run.json").AssertBadInput());
    }

    [Theory]
    [InlineData("'lpom train --print-config > none.json' makes one", "--config", "none.json")]
    [InlineData("give one of them", "--config", "a.json", "--config-from", "b.safetensors")]
    [InlineData("no such model file", "--config-from", "b.safetensors")]
    public void What_is_not_there_is_said(string expected, params string[] options) =>
        Assert.Contains(expected, Run(["train", .. options]).AssertBadInput());

    [Fact]
    public void A_model_of_a_file_is_repeated_where_the_file_is_or_says_what_it_needs()
    {
        string iris = Path.Combine(TestedProgram.Root, "docs", "data", "iris.csv");
        Assert.Equal(0, Run("train", "--data", iris, "--epochs", "2", "--output", "a.safetensors", "--quiet").ExitCode);
        Assert.Contains("say by --data where it is", Run("train", "--config-from", "a.safetensors").AssertBadInput());
        Assert.DoesNotContain("trained on data of that name", Run("train", "--config-from", "a.safetensors", "--data", "typo.csv").AssertBadInput());
        Assert.Equal(0, Run("train", "--config-from", "a.safetensors", "--data", iris, "--output", "b.safetensors", "--quiet").ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["a.safetensors"]), File.ReadAllBytes(_folder["b.safetensors"]));
    }

    [Fact]
    public void The_published_schema_is_that_of_the_options() =>
        Assert.Equal(File.ReadAllText(Path.Combine(TestedProgram.Root, "docs", "config.schema.json")), Run("train", "--print-config-schema").Output);

    [Fact]
    public void A_log_has_the_lines_of_json_and_grows_with_a_run_that_goes_on()
    {
        string[] train = ["train", "--epochs", "3", "--log", "run.jsonl", "--checkpoint", "run", "--checkpoint-every", "20steps", "--quiet"];
        Assert.Equal(0, Run(train).ExitCode);
        string[] events = Events();
        Assert.Equal(["start", "epoch", "epoch", "epoch", "done"], events.Where(e => e != "checkpoint"));
        Assert.Equal(0, Run([.. train, "--resume"]).ExitCode);
        Assert.Equal([.. events, "start", "done"], Events());
        File.WriteAllText(_folder["notes.txt"], "mine");
        Assert.Contains("not overwritten", Run("train", "--log", "notes.txt").AssertBadInput());
        Assert.Contains("cannot be written", Run("train", "--log", "no/such/folder.jsonl").AssertBadInput());

        string[] Events() => [.. File.ReadLines(_folder["run.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()!)];
    }

    private double Accuracy(params string[] train) => Run([.. train, "--json", "--quiet"]).Json[^1].GetProperty("testAccuracy").GetDouble();

    private Ran Run(params string[] arguments) => LpomProcess.Run(_folder.FullName, arguments);
}
