using System.Diagnostics;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

/// <summary>The experiments on a few small images in MNIST's format.</summary>
public sealed class ReproduceTests : IDisposable
{
    private const string Sections = "experiments.md", TableHeading = "## Five networks on MNIST (`table`)", DeepHeading = "## Twenty layers of saturating activations on MNIST (`deep`)";

    private readonly TestFolder _folder = new();

    public ReproduceTests() => IdxFiles.Write(_folder["idx"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Prints_the_paper_s_figures_beside_those_of_every_method()
    {
        Ran ran = Reproduce("table", "--threads", "1", "--quiet");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.Equal(TableHeading, ran.OutputLines[0]);
        Assert.Contains("| network | paper: LPOM, 17 epochs | lpom | lpom-paper | sgd |", ran.OutputLines);
        Assert.Matches(@"\| 16-300-10, relu \| 97\.7 \| \d+\.\d\d \| \d+\.\d\d \| \d+\.\d\d \|", ran.Output);
        Assert.Matches(@"\| 16-400-200-100-50-10, relu \| 96\.1 \|", ran.Output);
        Assert.Contains("lpom reproduce table --data-dir DIR --epochs 1 --seeds 1 --threads 1", ran.OutputLines);
        Assert.Matches(@"Written by lpom \d+\.\d+\.\d+.* on \d{4}-\d\d-\d\d, .*SIMD \d+, 1 thread\.", ran.Output);
        Assert.DoesNotContain(_folder.FullName, ran.Output);
        Assert.Equal(["idx"], _folder.Names);
    }

    [Fact]
    public void Only_the_experiment_s_own_section_of_a_file_is_replaced()
    {
        string before = $"# Mine\n\nBefore.\n\n{TableHeading}\n\nOther figures.\n\n", after = "## Other\n\nAfter.\n";
        File.WriteAllText(_folder[Sections], $"{before}{DeepHeading}\n\nOld figures.\n\n### Old detail\n\n{after}");
        Ran ran = Reproduce("deep", "--quiet", "--output", Sections);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.Contains(Sections, Assert.Single(ran.OutputLines));
        string text = File.ReadAllText(_folder[Sections]);
        Assert.StartsWith($"{before}{DeepHeading}\n\nAfter 1 epoch", text);
        Assert.Contains("| network | lpom | lpom-paper | sgd | adam |", text);
        Assert.Contains("| 16-[64]×19-10, hard-sigmoid |", text);
        Assert.DoesNotContain("Old", text);
        Assert.EndsWith($".\n\n{after}", text);
        Assert.Equal([Sections, "idx"], _folder.Names);
    }

    [Fact]
    public void A_new_section_goes_to_the_end_of_a_file_and_json_beside_it()
    {
        Assert.Equal(0, Reproduce("table", "--quiet", "--output", Sections).ExitCode);
        string before = File.ReadAllText(_folder[Sections]);
        Assert.StartsWith("# Experiments\n", before);
        Ran ran = Reproduce("mnist-figure", "--json", "--quiet", "--output", Sections);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.Equal(["lpom", "lpom-paper", "sgd", "lpom", "lpom-paper", "sgd"], ran.Json.Select(line => line.GetProperty("method").GetString()));
        Assert.All(ran.Json, line => Assert.Equal("16-2048-2048-2048-10", line.GetProperty("layers").GetString()));
        string text = File.ReadAllText(_folder[Sections]);
        Assert.StartsWith($"{before}\n## ", text);
        Assert.Contains("| network | paper: LPOM, 100 epochs | paper: SGD, 100 epochs |", text);
        Assert.Contains("| 98.2 | 98.0 |", text);
        Assert.Contains("| method | s/epoch |", text);
        Assert.EndsWith(".\n", text);
    }

    [Fact]
    public void The_autoencoder_s_figures_are_mean_square_errors()
    {
        Ran ran = Reproduce("autoencoder", "--quiet");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.Equal("## An autoencoder on MNIST (`autoencoder`)", ran.OutputLines[0]);
        Assert.Contains("After 1 epoch: test mean square error per value, seed 1.", ran.OutputLines);
        Assert.Contains("| network | lpom | adam | sgd |", ran.OutputLines);
        string[] rows = [.. ran.OutputLines.Where(line => line.StartsWith("| 16-1000-500-250-30-250-500-1000-16, relu |", StringComparison.Ordinal))];
        Assert.Equal(2, rows.Length);
        Assert.Matches(@"relu( \| 0\.\d+){3} \|$", rows[0]);
        // Seconds of the runs.
        Assert.Matches(@"relu( \| \d+\.\d+){3} \|$", rows[1]);
        Assert.Contains("The step sizes are the defaults but for sgd, 0.01.", ran.OutputLines);
    }

    [Fact]
    public void An_interrupted_experiment_leaves_the_file_as_it_is()
    {
        File.WriteAllText(_folder[Sections], $"{TableHeading}\n\nWhole.\n");
        using Process process = LpomProcess.Start(_folder.FullName, null, "reproduce", "table", "--data-dir", "idx", "--epochs", "20", "--seeds", "1000", "--output", Sections);
        string first = process.StandardError.ReadLine()!;
        string run = process.StandardError.ReadLine()!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
            kill.WaitForExit();
        Ran ran = LpomProcess.Finish(process, output, errors);
        Assert.StartsWith("Comparing lpom, lpom-paper, sgd on", first);
        Assert.StartsWith("run 1/3000", run);
        Assert.Equal(130, ran.ExitCode);
        Assert.Contains("interrupted", ran.ErrorLines[^1]);
        Assert.Contains("Interrupted", ran.Output);
        Assert.Equal($"{TableHeading}\n\nWhole.\n", File.ReadAllText(_folder[Sections]));
    }

    [Theory]
    [InlineData("did you mean 'table'", "tabel")]
    [InlineData("no folder", "table", "--output", "nowhere/experiments.md")]
    [InlineData("is a folder", "table", "--output", "idx")]
    [InlineData("no text", "table", "--output", $"idx/{IdxFiles.TestImages}")]
    [InlineData("--output: expected FILE", "table", "--output", "")]
    [InlineData("did you mean '--seeds'", "table", "--seed", "1")]
    [InlineData("not found", "cifar-figure")]
    public void Wrong_options(string expected, params string[] options) => Assert.Contains(expected, LpomProcess.Run(_folder.FullName, ["reproduce", .. options, "--data-dir", "idx"]).AssertBadInput());

    [Fact]
    public void An_experiment_must_be_named() =>
        Assert.Contains("Required argument", LpomProcess.Run(_folder.FullName, "reproduce").AssertBadInput());

    private Ran Reproduce(string experiment, params string[] options) =>
        LpomProcess.Run(_folder.FullName, ["reproduce", experiment, "--data-dir", "idx", "--epochs", "1", "--seeds", "1", .. options]);
}
