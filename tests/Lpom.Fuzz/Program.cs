using System.Globalization;
using System.Text.Json;
using Lpom.Fuzz;

const string Usage = "usage: Lpom.Fuzz [--reader NAME|all] [--seconds N] [--executions N] [--seed N] [--corpus DIR] [--crashes DIR] [--scratch DIR] [--keep DIR]\n" +
    "Feeds the readers of files from outside with what is nearly right. --seconds (default 10) are divided among the readers; exit code 1 when one does not stand an input.\n" +
    "--corpus: folder with more inputs, a folder for each reader; --keep: where inputs with new outcomes go, in the same way; --scratch: where the input is that is being read.";

// Large files take a quarter of the time.
const int LargePart = 4, ThoroughSeconds = 10;

string reader = "all", corpus = "", crashes = "crashes", scratch = "", keep = "";
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
        "--scratch" => Directory.Exists(scratch = value),
        "--keep" => (keep = value).Length > 0,
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
    string more = Path.Combine(corpus, target.Name);
    IEnumerable<byte[]> inputs = corpus.Length > 0 && Directory.Exists(more) ? Directory.EnumerateFiles(more).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
    using var run = new FuzzRun(target, inputs, crashes, scratch, seed);
    long start = System.Diagnostics.Stopwatch.GetTimestamp();
    TimeSpan time = TimeSpan.FromSeconds(seconds / targets.Length);
    run.Exhaust(isThorough: time >= TimeSpan.FromSeconds(ThoroughSeconds));
    run.Enlarge(time / LargePart);
    run.Mutate(time - (time / LargePart), executions);
    if (keep.Length > 0)
        Keep(run.Found, Path.Combine(keep, target.Name));
    double taken = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
    Console.WriteLine(JsonSerializer.Serialize(
        new { reader = target.Name, executions = run.Executions, perSecond = Math.Round(run.Executions / taken), outcomes = run.Outcomes, crashes = run.Crashes }));
    failures += run.Crashes;
}

return failures == 0 ? 0 : 1;

static void Keep(List<byte[]> inputs, string folder)
{
    Directory.CreateDirectory(folder);
    foreach (byte[] input in inputs)
        File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..12]), input);
}

static int Wrong(string what)
{
    Console.Error.WriteLine($"{what}\n{Usage}");
    return 2;
}
