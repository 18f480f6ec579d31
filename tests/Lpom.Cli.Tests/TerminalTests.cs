using System.Text.RegularExpressions;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

/// <summary><c>lpom train</c> in a pseudo-terminal.</summary>
public sealed class TerminalTests : IDisposable
{
    private const string ShowCursor = "\e[?25h";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(80, 24)]
    [InlineData(200, 50)]
    public void It_shows_the_run_and_leaves_its_epochs_and_a_table(int columns, int rows)
    {
        Ran ran = LpomProcess.RunInTerminal(_folder.FullName, null, columns, rows, "lpom train --epochs 3 --layers 512");
        Assert.Equal(0, ran.ExitCode);
        string[] lines = Shown(ran, columns, rows);
        int first = Array.FindIndex(lines, line => line.StartsWith("epoch 1/3  loss ", StringComparison.Ordinal));
        Assert.Equal(["epoch 1/3", "epoch 2/3", "epoch 3/3", "╭────────"], lines[first..(first + 4)].Select(line => line[..9]));
        Assert.Equal("Next: lpom eval model.safetensors", lines[^1]);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, columns));
        Assert.Equal(lines.Length, first + 3 + 12);
        Assert.All(Frames(ran), frame => Assert.EndsWith("\e[J\r\e[?7h", frame));
        Assert.Contains("step  1/15", ran.Output);
        Assert.Contains("\e[36m", ran.Output);
    }

    [Fact]
    public void It_follows_a_terminal_that_is_resized()
    {
        Ran ran = LpomProcess.RunInTerminal(
            _folder.FullName, ("NO_COLOR", "1"), 100, 24, $"(sleep 2; stty -F /dev/tty cols 50) & {EndedBy("INT", 4)} {TestedProgram.ShellCommand} train --epochs 1000000");
        string[] frames = Frames(ran);
        Assert.Contains(frames, frame => LongestLine(frame) == 99);
        Assert.InRange(LongestLine(frames[^2]), 1, 49);
    }

    [Fact]
    public void Without_colour_it_is_drawn_all_the_same()
    {
        Ran ran = LpomProcess.RunInTerminal(_folder.FullName, ("NO_COLOR", "1"), 80, 24, "lpom train --epochs 2");
        Assert.Contains("\e[?25l", ran.Output);
        Assert.DoesNotMatch(@"\e\[[0-9;]*m", ran.Output);
    }

    [Theory]
    [InlineData("CI", "true", "lpom train --epochs 2")]
    [InlineData("TERM", "dumb", "lpom train --epochs 2")]
    [InlineData("LPOM_SIMD", "256", "lpom train --epochs 2 --json")]
    public void Elsewhere_there_are_plain_lines(string variable, string value, string command)
    {
        Ran ran = LpomProcess.RunInTerminal(_folder.FullName, (variable, value), 80, 24, $"{command} > output");
        Assert.Equal(0, ran.ExitCode);
        Assert.DoesNotContain('\e', ran.Output + File.ReadAllText(_folder["output"]));
        Assert.Matches("epoch 1/2  loss .* s left\r\nepoch 2/2  loss ", ran.Output);
    }

    [Fact]
    public void Files_have_no_sequences_while_the_terminal_has()
    {
        Ran ran = LpomProcess.RunInTerminal(_folder.FullName, null, 80, 24, "lpom train --epochs 2 > output; lpom train --epochs 2 2> errors");
        Assert.Contains("\e[?25l", ran.Output);
        Assert.DoesNotContain('\e', File.ReadAllText(_folder["output"]) + File.ReadAllText(_folder["errors"]));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void The_cursor_is_back_after_a_signal(string signal)
    {
        Ran ran = LpomProcess.RunInTerminal(_folder.FullName, null, 80, 24, $"{EndedBy(signal, 2)} {TestedProgram.ShellCommand} train --epochs 1000000");
        Assert.Equal(130, ran.ExitCode);
        Assert.Equal(ran.Output.LastIndexOf("\e[?25", StringComparison.Ordinal), ran.Output.LastIndexOf(ShowCursor, StringComparison.Ordinal));
        Assert.Contains("interrupted in epoch ", Shown(ran, 80, 24)[^1]);
    }

    // What a shell starts in its background ignores Ctrl-C.
    private static string EndedBy(string signal, int seconds) => $"timeout --foreground --preserve-status -s {signal} {seconds}";

    private static string[] Shown(Ran ran, int columns, int rows)
    {
        var terminal = new TestTerminal(columns, rows);
        terminal.Show(ran.Output);
        Assert.False(terminal.IsCursorHidden);
        Assert.Equal(0, terminal.Lost);
        return terminal.Lines;
    }

    private static string[] Frames(Ran ran) => [.. Regex.Matches(ran.Output, @"(?<=\e\[\?2026h).*?(?=\e\[\?2026l)", RegexOptions.Singleline, TimeSpan.FromSeconds(10)).Select(match => match.Value)];

    private static int LongestLine(string frame) =>
        Regex.Replace(frame, @"\e\[[?0-9;]*[A-Za-z]", "", RegexOptions.None, TimeSpan.FromSeconds(10)).Split('\n').Max(line => line.Trim('\r').Length);
}
