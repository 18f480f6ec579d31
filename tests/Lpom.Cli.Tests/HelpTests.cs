using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class HelpTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData]
    [InlineData("train")]
    [InlineData("eval")]
    [InlineData("predict")]
    [InlineData("inspect")]
    [InlineData("export")]
    [InlineData("data", "list")]
    [InlineData("data", "describe")]
    [InlineData("bench")]
    [InlineData("bench", "latency")]
    [InlineData("compare")]
    [InlineData("reproduce")]
    [InlineData("completions")]
    [InlineData("man")]
    public void Help_has_examples_and_exit_codes(params string[] verb)
    {
        Ran ran = LpomProcess.Run(_folder.FullName, [.. verb, "--help"]);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.Contains("Examples:", ran.Output);
        Assert.Contains($"lpom {string.Join(' ', verb)}", ran.Output);
        string[] codes = [.. ran.OutputLines.SkipWhile(l => l != "Exit codes:").Skip(1).Select(l => l.Trim().Split(' ')[0])];
        Assert.Equal(["0", "1", "2", "130"], codes);
    }

    [Fact]
    public void Version_says_runtime_and_width()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, ("LPOM_SIMD", "128"), null, "--version");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.Matches(@"^lpom \d+\.\d+\.\d+ \(\.NET .*, (JIT|AOT x86-64-v[34]), SIMD 128\)$", Assert.Single(ran.OutputLines));
    }

    [Fact]
    public void Data_list_names_every_set_and_how_to_get_what_is_missing()
    {
        JsonElement[] sets = LpomProcess.Run(_folder.FullName, "data", "list", "--json").Json;
        Assert.Equal(["digits", "mnist", "fashion-mnist", "cifar10"], sets.Select(s => s.GetProperty("name").GetString()));
        Assert.True(sets[0].GetProperty("found").GetBoolean());
        Assert.False(sets[3].GetProperty("found").GetBoolean());
        Assert.NotEqual("", sets[3].GetProperty("howToGet").GetString());
        Assert.Contains("built in", LpomProcess.Run(_folder.FullName, "data", "list").Output);
    }
}
