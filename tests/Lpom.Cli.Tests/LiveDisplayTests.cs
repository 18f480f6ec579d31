using System.Diagnostics;
using System.Text;
using Lpom.Cli.Terminal;
using Lpom.Cli.Tests.Support;
using Lpom.Cli.Training.Display;

namespace Lpom.Cli.Tests;

/// <summary>The display of training, on a terminal that tells what it shows.</summary>
public sealed class LiveDisplayTests
{
    private const int Steps = 120, Rows = 100;
    private static readonly RunShape Shape = new(Epochs: 12, StepsPerEpoch: 10, Layers: 2, "residual");

    [Theory]
    [InlineData(80, 24)]
    [InlineData(200, 50)]
    [InlineData(40, 10)]
    [InlineData(7, 5)]
    public void It_is_drawn_anew_in_place_within_the_width(int columns, int rows)
    {
        var terminal = new TestTerminal(columns, rows);
        var picture = Picture(terminal, () => new TerminalSize(columns, rows), Shape);
        for (int step = 1; step <= Steps; step++)
        {
            Step(picture, Shape, step);
            Assert.Equal(3, terminal.Lines.Length);
            Assert.All(terminal.Lines, line => Assert.InRange(line.Length, 0, columns - 1));
        }

        Assert.Equal((Steps, 0), (terminal.Writes, terminal.Lost));
        Assert.StartsWith("epoch 12/12"[..Math.Min(11, columns - 1)].TrimEnd(), terminal.Lines[0]);
    }

    [Fact]
    public void It_says_where_the_run_is()
    {
        var terminal = new TestTerminal(100, 24);
        var picture = Picture(terminal, () => new TerminalSize(100, 24), Shape);
        for (int step = 1; step <= 31; step++)
            Step(picture, Shape, step);
        Assert.Matches(@"^epoch  4/12  step  1/10  ━+─+   25 %    \d s left  ...\S+ samples/s$", terminal.Lines[0]);
        Assert.Equal("loss 0.2500  objective 0.5000  train 99.10 %", terminal.Lines[1]);
        Assert.Matches("^residual  1 0.0323 █[▁-█]+▁  2 0.0161 █[▁-█]+▁$", terminal.Lines[2]);
    }

    [Fact]
    public void Messages_stay_above_it_and_may_be_longer_than_a_line()
    {
        var terminal = new TestTerminal(60, 8);
        var block = Block(terminal, () => new TerminalSize(60, 8));
        var picture = new RunPicture(block, Glyphs.Unicode, Shape, stepsDone: 0);
        for (int step = 1; step <= 20; step++)
        {
            Step(picture, Shape, step);
            picture.Draw(Stopwatch.GetTimestamp(), step % 5 == 0 ? new string((char)('a' + step), 60 * 2) : $"step {step}");
        }

        Assert.Equal(24 + 3, terminal.Lines.Length);
        block.Erase();
        Assert.Equal(24, terminal.Lines.Length);
        Assert.Equal(["step 1", "step 2", "step 3", "step 4", new string('f', 60), new string('f', 60), "step 6"], terminal.Lines.Take(7));
    }

    [Fact]
    public void Nothing_broken_stays_when_the_terminal_is_resized()
    {
        int columns = 120;
        var terminal = new TestTerminal(columns, 24);
        var block = Block(terminal, () => new TerminalSize(columns, 24));
        var picture = new RunPicture(block, Glyphs.Unicode, Shape, stepsDone: 0);
        picture.Draw(Stopwatch.GetTimestamp(), "above");
        int[] widths = [120, 50, 30, 200, 61, 60, 59];
        for (int step = 1; step <= widths.Length * 3; step++)
        {
            int width = widths[(step - 1) / 3];
            Resize(terminal, ref columns, width);
            Step(picture, Shape, step);
            Assert.Equal("above", terminal.Lines[0]);
            Assert.Equal(4, terminal.Lines.Length);
            Assert.All(terminal.Lines, line => Assert.InRange(line.Length, 0, width - 1));
        }

        block.Erase();
        Assert.Equal(["above"], terminal.Lines);
    }

    [Fact]
    public void A_frame_for_the_width_before_leaves_nothing_behind()
    {
        int columns = 100;
        var terminal = new TestTerminal(columns, 24);
        var picture = Picture(terminal, () => new TerminalSize(columns, 24), Shape);
        Step(picture, Shape, 1);
        terminal.Narrow(60);
        Step(picture, Shape, 2);
        Assert.NotEqual(0, terminal.Lost);
        columns = 60;
        Step(picture, Shape, 3);
        Assert.Equal(3, terminal.Lines.Length);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    public void A_low_terminal_has_fewer_lines(int rows, int lines)
    {
        var terminal = new TestTerminal(80, rows);
        var picture = Picture(terminal, () => new TerminalSize(80, rows), Shape);
        for (int step = 1; step <= 10; step++)
            Step(picture, Shape, step);
        Assert.Equal(lines, terminal.Lines.Length);
    }

    [Fact]
    public void A_deep_network_s_layers_share_a_curve()
    {
        var shape = Shape with { Layers = 20 };
        var terminal = new TestTerminal(80, 24);
        Step(Picture(terminal, () => new TerminalSize(80, 24), shape), shape, 1);
        Assert.Matches(@"^residual up to 1\.0000 \(layer 1\), by layer █[▁-█]{19}$", terminal.Lines[2]);
    }

    [Fact]
    public void Frames_and_steps_allocate_nothing()
    {
        int columns = 80;
        var block = new LiveBlock(Stream.Null, Encoding.UTF8, () => new TerminalSize(columns, 24), hasColour: true);
        var picture = new RunPicture(block, Glyphs.Unicode, Shape, stepsDone: 0);
        Step(picture, Shape, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 2; step <= Steps; step++)
        {
            columns = 60 + step;
            Step(picture, Shape, step);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Without_colour_there_is_none_and_ascii_is_ascii()
    {
        var terminal = new TestTerminal(80, 24);
        var block = new LiveBlock(terminal, Encoding.UTF8, () => new TerminalSize(80, 24), hasColour: false);
        var picture = new RunPicture(block, Glyphs.Ascii, Shape, stepsDone: 0);
        for (int step = 1; step <= Steps / 2; step++)
            Step(picture, Shape, step);
        Assert.DoesNotMatch(@"\e\[[0-9;]*m", terminal.Written);
        Assert.True(Ascii.IsValid(terminal.Written));
        Assert.Contains("#-", terminal.Lines[0]);
    }

    [Fact]
    public void A_terminal_that_is_gone_stops_nothing()
    {
        var picture = Picture(new Gone(), () => new TerminalSize(80, 24), Shape);
        Step(picture, Shape, 1);
        Step(picture, Shape, 2);
    }

    [Theory]
    [InlineData(0, "0.0000")]
    [InlineData(0.000123, "1.2E-4")]
    [InlineData(0.03123, "0.0312")]
    [InlineData(12.3456, "12.346")]
    [InlineData(123.456, "123.46")]
    [InlineData(123456, " 1.2E5")]
    public void Figures_take_six_cells(double value, string text) => Assert.Equal(text, new TextBuffer(20).AddFigure(value).Text.ToString());

    [Theory]
    [InlineData(987, "  987")]
    [InlineData(9876, "9.88k")]
    [InlineData(12345, "12.3k")]
    [InlineData(180987, " 181k")]
    [InlineData(999999, "1.00M")]
    public void Rates_have_three_digits(double value, string text) => Assert.Equal(text, new TextBuffer(20).AddLarge(value).Text.ToString());

    [Theory]
    [InlineData(7, "  7 s")]
    [InlineData(83, " 1:23")]
    [InlineData(3600, "1:00:00")]
    [InlineData(360000, "100:00:00")]
    public void Times_are_short(long seconds, string text) => Assert.Equal(text, new TextBuffer(20).AddTime(seconds).Text.ToString());

    [Fact]
    public void Tables_are_drawn_or_markdown()
    {
        string[] header = ["method", "s"];
        string[][] rows = [["lpom", "1,234"], ["sgd", "5"]];
        Assert.Equal(
            ["╭────────┬───────╮", "│ method │     s │", "├────────┼───────┤", "│ lpom   │ 1,234 │", "│ sgd    │     5 │", "╰────────┴───────╯"],
            TableText.Lines(header, rows, isDrawn: true, isBold: false));
        Assert.Equal(
            ["| method |     s |", "| :----- | ----: |", "| lpom   | 1,234 |", "| sgd    |     5 |"],
            TableText.Lines(header, rows, isDrawn: false, isBold: false));
        Assert.Equal("│ \e[1mmethod\e[0m │     \e[1ms\e[0m │", TableText.Lines(header, rows, isDrawn: true, isBold: true).ElementAt(1));
    }

    private static void Resize(TestTerminal terminal, ref int columns, int width)
    {
        if (width < columns)
            terminal.Narrow(width);
        else
            terminal.Widen(width);
        columns = width;
    }

    private static LiveBlock Block(Stream terminal, Func<TerminalSize> size) => new(terminal, Encoding.UTF8, size, hasColour: true);

    private static RunPicture Picture(Stream terminal, Func<TerminalSize> size, RunShape shape) =>
        new(Block(terminal, size), Glyphs.Unicode, shape, stepsDone: 0);

    private static void Step(RunPicture picture, RunShape shape, int step)
    {
        Span<double> residuals = stackalloc double[shape.Layers];
        for (int i = 0; i < residuals.Length; i++)
            residuals[i] = 1.0 / step / (i + 1);
        long now = Stopwatch.GetTimestamp();
        picture.Step(loss: 0.25, objective: 0.5, residuals, Rows, step, now);
        if (step % shape.StepsPerEpoch == 0)
            picture.Epoch("  train 99.10 %", now);
        picture.Draw(now);
    }

    private sealed class Gone : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("gone");
    }
}
