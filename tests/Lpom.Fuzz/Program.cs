using System.Globalization;
using System.Text.Json;
using Lpom.Fuzz;

const string Usage = "usage: Lpom.Fuzz [--reader NAME|all] [--seconds N] [--executions N] [--seed N] [--corpus DIR] [--crashes DIR]\n" +
    "Feeds the readers of files from outside with what is nearly right. --seconds (default 10) are divided among the readers; exit code 1 when one does not stand an input.";

string reader = "all", corpus = "", crashes = "crashes";
double seconds = 10;
long executions = long.MaxValue;
int seed = 1;
for (int i = 0; i < args.Length; i += 2)
{
    string value = i + 1 < args.Length ? args[i + 1] : "";
    bool isKnown = args[i] switch
    {
        "--reader" => (reader = value).Length > 0,
        "--seconds" => double.TryParse(value, CultureInfo.InvariantCulture, out seconds),
        "--executions" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out executions),
        "--seed" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed),
        "--corpus" => Directory.Exists(corpus = value),
        "--crashes" => (crashes = value).Length > 0,
        _ => false,
    };
    if (!isKnown)
        return Wrong($"{args[i]} {value}");
}

FuzzTarget[] targets = [.. Targets.All.Where(target => reader == "all" || target.Name == reader)];
if (targets.Length == 0)
    return Wrong($"--reader {reader}: expected all or one of {string.Join(", ", Targets.All.Select(target => target.Name))}");
int failures = 0;
foreach (FuzzTarget target in targets)
{
    // The corpus of a reader is the files whose names begin with its own.
    IEnumerable<byte[]> more = corpus.Length == 0 ? [] : Directory.EnumerateFiles(corpus, $"{target.Name}-*").Order().Select(File.ReadAllBytes);
    using var run = new FuzzRun(target, more, crashes, seed);
    long start = System.Diagnostics.Stopwatch.GetTimestamp();
    run.Exhaust();
    run.Mutate(TimeSpan.FromSeconds(seconds / targets.Length), executions);
    double taken = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
    Console.WriteLine(JsonSerializer.Serialize(
        new { reader = target.Name, executions = run.Executions, perSecond = Math.Round(run.Executions / taken), outcomes = run.Outcomes, crashes = run.Crashes }));
    failures += run.Crashes;
}

return failures == 0 ? 0 : 1;

static int Wrong(string what)
{
    Console.Error.WriteLine($"{what}\n{Usage}");
    return 2;
}
