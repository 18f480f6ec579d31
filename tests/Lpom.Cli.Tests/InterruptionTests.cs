using System.Diagnostics;
using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class InterruptionTests : IDisposable
{
    private const string Model = "model.safetensors";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void The_model_so_far_is_written_and_the_good_file_before_is_kept(string signal)
    {
        Assert.Equal(0, LpomProcess.Run(_folder.FullName, "train", "--epochs", "1", "--quiet").ExitCode);
        byte[] good = File.ReadAllBytes(_folder[Model]);

        Ran ran = TrainAndSignal(signal);
        Assert.Equal(130, ran.ExitCode);
        Assert.Equal("", ran.Errors);
        JsonElement done = ran.Json[^1];
        Assert.Equal("done", done.GetProperty("event").GetString());
        Assert.True(done.GetProperty("interrupted").GetBoolean());
        Assert.Equal(good, File.ReadAllBytes(_folder[$"{Model}.previous"]));
        Assert.Equal("true", Metadata().GetProperty("interrupted").GetString());

        TrainAndSignal(signal);
        Assert.Equal(good, File.ReadAllBytes(_folder[$"{Model}.previous"]));
        Assert.Equal([Model, $"{Model}.previous"], _folder.Names);
    }

    [Fact]
    public void What_cannot_be_kept_as_previous_is_not_replaced()
    {
        Assert.Equal(0, LpomProcess.Run(_folder.FullName, "train", "--epochs", "1", "--quiet").ExitCode);
        byte[] good = File.ReadAllBytes(_folder[Model]);
        Directory.CreateDirectory(_folder[$"{Model}.previous"]);

        Ran ran = TrainAndSignal("INT");
        Assert.Equal((130, ""), (ran.ExitCode, ran.Errors));
        Assert.Equal($"{Model}.unfinished", ran.Json[^1].GetProperty("model").GetString());
        Assert.Equal(good, File.ReadAllBytes(_folder[Model]));
        Assert.Equal([Model, $"{Model}.previous", $"{Model}.unfinished"], _folder.Names);
        Assert.Contains("interrupted: true", LpomProcess.Run(_folder.FullName, "inspect", $"{Model}.unfinished").Output);
    }

    [Fact]
    public void A_model_whose_folder_vanished_is_written_elsewhere()
    {
        foreach (string folder in (string[])["models", "temporary"])
            Directory.CreateDirectory(_folder[folder]);
        using Process process = LpomProcess.Start(_folder.FullName, ("TMPDIR", _folder["temporary"]), "train", "--epochs", "200", "--json", "--quiet", "--output", "models/m.safetensors");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadLine();
        Directory.Delete(_folder["models"]);
        Ran ran = LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), errors);
        Assert.Equal(1, ran.ExitCode);
        string file = ran.Json[^1].GetProperty("model").GetString()!;
        Assert.Equal(_folder["temporary"], Path.GetDirectoryName(file));
        Assert.Contains("m.safetensors: the model cannot be written: ", ran.Errors);
        Assert.EndsWith($"; the model is in {file}\n", ran.Errors);
        Assert.Equal(0, LpomProcess.Run(_folder.FullName, "eval", file).ExitCode);
    }

    private Ran TrainAndSignal(string signal)
    {
        using Process process = LpomProcess.Start(_folder.FullName, null, "train", "--epochs", "1000000", "--json", "--quiet");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string start = process.StandardOutput.ReadLine()!;
        string first = process.StandardOutput.ReadLine()!;
        Task<string> rest = process.StandardOutput.ReadToEndAsync();
        using (Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            kill.WaitForExit();
        Ran ran = LpomProcess.Finish(process, rest, errors);
        return ran with { Output = $"{start}\n{first}\n{ran.Output}" };
    }

    private JsonElement Metadata() =>
        LpomProcess.Run(_folder.FullName, "inspect", Model, "--json").Json[0].GetProperty("metadata");
}
