using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class CompareTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Epochs_are_those_of_train_method_by_method_and_seed_by_seed()
    {
        string[] methods = ["lpom", "sgd", "adam", "lpom-paper"];
        string[] options = ["--layers", "32", "--activation", "tanh", "--batch", "50", "--schedule", "cosine", "--epochs", "2"];
        Ran ran = Compare([.. options, "--seeds", "2", "--json", "--lr", "sgd=0.1"]);
        Assert.Equal(0, ran.ExitCode);
        JsonElement[] epochs = Epochs(ran), summaries = Summaries(ran);
        Assert.Equal(
            from seed in (int[])[1, 2] from method in methods from epoch in (int[])[1, 2] select (method, seed, epoch),
            epochs.Select(e => (Method(e), e.GetProperty("seed").GetInt32(), e.GetProperty("epoch").GetInt32())));
        Assert.Equal(methods, summaries.Select(Method));
        Assert.Equal(Train("lpom", 2, options), AccuraciesOf(epochs, "lpom", 2));
        Assert.Equal(Train("sgd", 1, [.. options, "--lr", "0.1"]), AccuraciesOf(epochs, "sgd", 1));
        Assert.Equal(Train("adam", 2, options), AccuraciesOf(epochs, "adam", 2));
        Assert.Equal(Train("lpom-paper", 1, options), AccuraciesOf(epochs, "lpom-paper", 1));
    }

    [Fact]
    public void A_summary_is_of_its_method_s_epochs()
    {
        Ran ran = Compare("--methods", "sgd,lpom", "--epochs", "3", "--seeds", "3", "--threads", "1", "--json", "--quiet", "--targets", "0.5,0.999");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        foreach (JsonElement summary in Summaries(ran))
        {
            JsonElement[][] runs = [.. Epochs(ran).Where(e => Method(e) == Method(summary)).GroupBy(e => e.GetProperty("seed").GetInt32()).Select(run => run.ToArray())];
            double[] last = [.. runs.Select(run => Accuracy(run[^1]))];
            double mean = last.Average();
            Assert.Equal(mean, summary.GetProperty("testAccuracyMean").GetDouble(), 12);
            Assert.Equal(Math.Sqrt(last.Sum(a => (a - mean) * (a - mean)) / 2), summary.GetProperty("testAccuracySpread").GetDouble(), 12);
            double[] differences = [.. runs.SelectMany(run => run.Zip(run.Skip(1), (a, b) => Seconds(b) - Seconds(a))).Order()];
            Assert.Equal((differences[2] + differences[3]) / 2, summary.GetProperty("secondsPerEpoch").GetDouble(), 12);
            double[] reached = [.. runs.Select(run => Seconds(run.First(e => Accuracy(e) >= 0.5))).Order()];
            Assert.Equal(reached[1], summary.GetProperty("timeTo").GetProperty("0.5").GetDouble(), 12);
            Assert.Equal(JsonValueKind.Null, summary.GetProperty("timeTo").GetProperty("0.999").ValueKind);
            Assert.InRange(summary.GetProperty("peakMemoryMiB").GetDouble(), 5, 1000);
            Assert.Equal(3, summary.GetProperty("seeds").GetInt32());
            Assert.Equal(0, summary.GetProperty("diverged").GetArrayLength());
        }
    }

    [Fact]
    public void A_method_s_memory_does_not_count_for_the_next_method()
    {
        JsonElement[] methods = Summaries(Compare("--methods", "lpom,sgd", "--layers", "1500", "--epochs", "1", "--seeds", "1", "--json"));
        double alone = Memory(Summaries(Compare("--methods", "sgd", "--layers", "1500", "--epochs", "1", "--seeds", "1", "--json"))[0]);
        Assert.InRange(Memory(methods[0]), alone * 1.2, 10_000);
        Assert.InRange(Memory(methods[1]), alone * 0.8, alone * 1.15);
    }

    [Fact]
    public void Targets_are_what_the_best_method_reaches_when_none_are_given()
    {
        JsonElement[] summaries = Summaries(Compare("--methods", "lpom,adam", "--epochs", "2", "--seeds", "1", "--json"));
        int best = (int)Math.Floor(100 * summaries.Max(s => s.GetProperty("testAccuracyMean").GetDouble()));
        string[] expected = [.. Enumerable.Range(best - 2, 3).Select(hundredths => (hundredths / 100.0).ToString(CultureInfo.InvariantCulture))];
        Assert.All(summaries, s => Assert.Equal(expected, s.GetProperty("timeTo").EnumerateObject().Select(t => t.Name)));
        Assert.All(summaries, s => Assert.Equal(JsonValueKind.Null, s.GetProperty("testAccuracySpread").ValueKind));
    }

    [Fact]
    public void Autoencoders_are_compared_by_their_error()
    {
        string[] options = ["--task", "autoencode", "--layers", "32-8-32", "--epochs", "4"];
        Ran ran = Compare([.. options, "--seeds", "2", "--json", "--quiet"]);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        JsonElement[] lpom = [.. Epochs(ran).Where(e => Method(e) == "lpom" && e.GetProperty("seed").GetInt32() == 2)];
        double[] trained = [.. LpomProcess.Run(_folder.FullName, ["train", "--json", "--quiet", "--seed", "2", .. options]).Json.Where(line => Is(line, "epoch")).Select(Error)];
        Assert.Equal(trained, lpom.Select(Error));
        Assert.Equal(["lpom", "sgd", "adam"], Summaries(ran).Select(Method));
        double[] means = [.. Summaries(ran).Select(summary => summary.GetProperty("testMseMean").GetDouble())];
        Assert.Equal(Epochs(ran).Where(e => Method(e) == "lpom" && e.GetProperty("epoch").GetInt32() == 4).Average(Error), means[0], 12);
        double[] targets = [.. Summaries(ran)[0].GetProperty("timeTo").EnumerateObject().Select(target => double.Parse(target.Name, CultureInfo.InvariantCulture))];
        Assert.Equal(3, targets.Length);
        Assert.InRange(targets[0], means.Min(), 1.7 * means.Min());
        double[] times = [.. Epochs(ran).GroupBy(e => (Method(e), e.GetProperty("seed").GetInt32())).Where(run => run.Key.Item1 == "lpom").Select(run => Seconds(run.First(e => Error(e) <= targets[2])))];
        Assert.Equal(times.Average(), Summaries(ran)[0].GetProperty("timeTo").EnumerateObject().Last().Value.GetDouble(), 12);
    }

    [Fact]
    public void People_read_errors_of_autoencoders_as_numbers()
    {
        Ran ran = Compare("--task", "autoencode", "--methods", "lpom,adam", "--layers", "32-8-32", "--epochs", "2", "--seeds", "2", "--targets", "0.1,2");
        Assert.Equal(0, ran.ExitCode);
        Assert.Matches(@"run 1/4  lpom, seed 1: test MSE 0\.\d+ after 2 epochs", ran.Errors);
        Assert.Contains("After epochs: test mean square error per value, mean ± sample standard deviation of the seeds 1 to 2", ran.OutputLines);
        Assert.Equal(2, Regex.Count(ran.Output, @"\| (lpom|adam) +(\| +0\.\d+ ± \d\S* ){2}\|\n"));
        Assert.Matches(@"\| method \| s/epoch \| s to 0\.1 \| s to 2 \| MiB \|", ran.Output);
    }

    [Fact]
    public void A_diverged_method_is_a_result()
    {
        string[] options = ["--methods", "sgd,lpom", "--lr", "sgd=100000", "--epochs", "1", "--seeds", "2"];
        Ran ran = Compare([.. options, "--json"]);
        Assert.Equal(0, ran.ExitCode);
        JsonElement sgd = Summaries(ran)[0];
        Assert.Equal([1, 2], sgd.GetProperty("diverged").EnumerateArray().Select(s => s.GetInt32()));
        Assert.Equal(JsonValueKind.Null, sgd.GetProperty("testAccuracyMean").ValueKind);
        Assert.Equal(2, ran.Json.Count(line => Is(line, "diverged") && Method(line) == "sgd" && line.GetProperty("problem").GetString()!.StartsWith("in epoch 1", StringComparison.Ordinal)));
        Assert.InRange(Summaries(ran)[1].GetProperty("testAccuracyMean").GetDouble(), 0.8, 1);
        Assert.Contains("| sgd (diverged) |", Compare([.. options, "--quiet"]).Output);
    }

    [Fact]
    public void People_read_a_note_a_run_and_tables()
    {
        Ran ran = Compare("--methods", "sgd,lpom", "--epochs", "2", "--seeds", "2", "--targets", "0.3");
        Assert.Equal(0, ran.ExitCode);
        Assert.Equal(["run 1/4  sgd, seed 1", "run 2/4  lpom, seed 1", "run 3/4  sgd, seed 2", "run 4/4  lpom, seed 2"], ran.ErrorLines.Skip(1).Select(line => line.Split(':')[0]));
        Assert.Matches(@"\| method \| +epoch 1 \| +epoch 2 \|", ran.Output);
        Assert.Equal(2, Regex.Count(ran.Output, @"\| (sgd|lpom) +(\| +\d+\.\d\d ± \d+\.\d\d ){2}\|\n"));
        Assert.Matches(@"\| method \| s/epoch \| s to 0\.3 \| MiB \|", ran.Output);
        Assert.DoesNotContain('\e', ran.Output + ran.Errors);
    }

    [Fact]
    public void An_interrupted_comparison_sums_up_what_is_complete()
    {
        using System.Diagnostics.Process process = LpomProcess.Start(_folder.FullName, null, "compare", "--methods", "sgd", "--layers", "8", "--epochs", "300", "--seeds", "1000", "--json", "--quiet");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string line;
        do
            line = process.StandardOutput.ReadLine()!;
        while (!line.Contains("\"seed\":2,", StringComparison.Ordinal));
        Task<string> rest = process.StandardOutput.ReadToEndAsync();
        using (var kill = System.Diagnostics.Process.Start("kill", ["-INT", $"{process.Id}"]))
            kill.WaitForExit();
        Ran ran = LpomProcess.Finish(process, rest, errors);
        Assert.Equal((130, ""), (ran.ExitCode, ran.Errors));
        JsonElement summary = Assert.Single(Summaries(ran));
        Assert.Equal(summary, ran.Json[^1], (a, b) => a.GetRawText() == b.GetRawText());
        Assert.InRange(summary.GetProperty("seeds").GetInt32(), 1, 999);
    }

    [Theory]
    [InlineData("unknown name 'sdg', did you mean 'sgd'?", "--methods", "lpom,sdg")]
    [InlineData("--methods: lpom is there twice", "--methods", "lpom,lpom")]
    [InlineData("--methods: unknown name ''", "--methods", "lpom,")]
    [InlineData("adam is none of the methods compared", "--methods", "lpom,sgd", "--lr", "adam=0.1")]
    [InlineData("such as sgd=0.1, found 'sgd=0'", "--lr", "sgd=0")]
    [InlineData("unknown name 'lpom-paper'", "--lr", "lpom-paper=1")]
    [InlineData("--lr: sgd is there twice", "--lr", "sgd=1,sgd=2")]
    [InlineData("found '98'", "--targets", "0.97,98")]
    [InlineData("classifies only", "--task", "autoencode", "--methods", "lpom,lpom-paper")]
    [InlineData("found '-1'", "--task", "autoencode", "--targets", "-1")]
    [InlineData("--seeds: expected a whole number from 1", "--seeds", "0")]
    [InlineData("--label-smoothing", "--methods", "lpom-paper", "--label-smoothing", "0.1")]
    [InlineData("--label-smoothing: --loss least-squares", "--methods", "lpom,lpom-paper", "--loss", "least-squares", "--label-smoothing", "0.1")]
    [InlineData("--init: lpom-paper has no such setting", "--methods", "lpom-paper", "--init", "orthogonal")]
    [InlineData("did you mean '--methods'", "--method", "lpom")]
    [InlineData("64 inputs", "--layers", "100-10")]
    [InlineData("no such file", "--data", "./nowhere.csv")]
    public void Wrong_options(string expected, params string[] options) => Assert.Contains(expected, Compare(options).AssertBadInput());

    private Ran Compare(params string[] options) => LpomProcess.Run(_folder.FullName, ["compare", .. options]);

    private double[] Train(string method, int seed, string[] options)
    {
        Ran ran = LpomProcess.Run(_folder.FullName, ["train", "--json", "--quiet", "--method", method, "--seed", $"{seed}", .. options]);
        return [.. ran.Json.Where(line => Is(line, "epoch")).Select(Accuracy)];
    }

    private static double[] AccuraciesOf(JsonElement[] epochs, string method, int seed) =>
        [.. epochs.Where(e => Method(e) == method && e.GetProperty("seed").GetInt32() == seed).Select(Accuracy)];

    private static JsonElement[] Epochs(Ran ran) => [.. ran.Json.Where(line => !line.TryGetProperty("event", out _))];

    private static JsonElement[] Summaries(Ran ran) => [.. ran.Json.Where(line => Is(line, "summary"))];

    private static bool Is(JsonElement line, string name) => line.TryGetProperty("event", out JsonElement value) && value.GetString() == name;

    private static string Method(JsonElement line) => line.GetProperty("method").GetString()!;

    private static double Accuracy(JsonElement epoch) => epoch.GetProperty("testAccuracy").GetDouble();

    private static double Error(JsonElement epoch) => epoch.GetProperty("testMse").GetDouble();

    private static double Seconds(JsonElement epoch) => epoch.GetProperty("seconds").GetDouble();

    private static double Memory(JsonElement summary) => summary.GetProperty("peakMemoryMiB").GetDouble();
}
