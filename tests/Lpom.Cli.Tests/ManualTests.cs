using System.Diagnostics;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class ManualTests(ManualTests.Pages pages) : IClassFixture<ManualTests.Pages>
{
    [Fact]
    public void Every_command_has_a_page() =>
        Assert.Equal(
            ["lpom-bench.1", "lpom-compare.1", "lpom-completions.1", "lpom-data.1", "lpom-eval.1", "lpom-export.1", "lpom-inspect.1", "lpom-man.1", "lpom-predict.1", "lpom-reproduce.1", "lpom-train.1", "lpom.1"],
            pages.Names.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("lpom.1")]
    [InlineData("lpom-train.1", "train")]
    [InlineData("lpom-eval.1", "eval")]
    [InlineData("lpom-predict.1", "predict")]
    [InlineData("lpom-inspect.1", "inspect")]
    [InlineData("lpom-export.1", "export")]
    [InlineData("lpom-data.1", "data", "list")]
    [InlineData("lpom-data.1", "data", "describe")]
    [InlineData("lpom-compare.1", "compare")]
    [InlineData("lpom-reproduce.1", "reproduce")]
    [InlineData("lpom-bench.1", "bench")]
    [InlineData("lpom-bench.1", "bench", "latency")]
    [InlineData("lpom-completions.1", "completions")]
    [InlineData("lpom-man.1", "man")]
    public void A_page_has_every_option_and_example_of_the_help(string page, params string[] command)
    {
        Ran help = LpomProcess.Run(pages.FullName, [.. command, "--help"]);
        string text = Plain(File.ReadAllText(pages[page]));
        Assert.All(HelpOption.Read(help), option => Assert.Contains($"\n{option.Description.Replace("…", "...")}\n", text));
        Assert.All(HelpOption.Read(help).SelectMany(option => option.Names), name => Assert.Matches($@"\n(.*, )?\\fB{name.Replace("?", @"\?")}\\fR", text));
        string[] examples = [.. help.Output.Split('\n').SkipWhile(line => line != "Examples:").Skip(1).TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal))];
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Contains($"\n\\fB{example.Trim().Split("  ")[0]}\\fR\n", text));
    }

    [Fact]
    public void What_the_help_has_in_columns_is_paragraphs_with_terms()
    {
        string text = Plain(File.ReadAllText(pages["lpom-compare.1"]));
        Assert.Contains("\n.TP\n\\fBtimeTo\\fR\nmedian over the seeds of the seconds at which the target is first reached; null if one seed never does\n", text);
        Assert.Contains("\n.TP\n\\fB130\\fR\ninterrupted; the model or the results so far were written first\n", text);
    }

    [FactWith("groff")]
    public void Groff_sets_the_pages_without_a_warning()
    {
        Ran ran = Groff(["-ww", "-Tascii", .. pages.Names]);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
    }

    [FactWith("groff")]
    public void On_the_screen_options_and_commands_can_be_copied()
    {
        // Groff makes other characters of hyphens, quotes and tildes that are not escaped.
        string screen = Groff("-Tutf8", "-P-cbou", "lpom-train.1").Output;
        Assert.Contains("\n       --checkpoint-every Nsteps|Ns|Nmin\n", screen);
        Assert.Contains("[default: relu]", string.Join(' ', screen.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains("\n       lpom train --data mnist --data-dir ~/mnist --layers 784-300-10 --epochs 17\n", screen);
        Assert.Contains("np.savez(\"set.npz\", x_train=...", screen);
        Assert.Contains("\n       LPOM_DATA\n", screen);
    }

    [Fact]
    public void A_folder_for_the_pages_is_needed()
    {
        Assert.Contains("--output", LpomProcess.Run(pages.FullName, "man").AssertBadInput());
        Assert.Equal(1, LpomProcess.Run(pages.FullName, "man", "--output", "lpom.1").ExitCode);
    }

    private Ran Groff(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("groff", ["-man", .. arguments])
        {
            WorkingDirectory = pages.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        return LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Roff's escapes of single characters as what they stand for.</summary>
    private static string Plain(string roff) =>
        roff.Replace("\\-", "-").Replace("\\(aq", "'").Replace("\\(dq", "\"").Replace("\\(ti", "~").Replace("\\(ga", "`").Replace("\\(ha", "^").Replace("\\(rs", "\\");

    /// <summary>The pages, as <c>lpom man</c> writes them.</summary>
    public sealed class Pages : TestFolder
    {
        public Pages()
        {
            Ran ran = LpomProcess.Run(FullName, "man", "--output", ".");
            Assert.Equal((0, "", ""), (ran.ExitCode, ran.Output, ran.Errors));
        }
    }
}
