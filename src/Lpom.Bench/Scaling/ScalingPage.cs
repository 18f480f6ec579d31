using System.Globalization;
using System.Text;

namespace Lpom.Bench.Scaling;

/// <summary>The page that the command writes, whole, from measured constants.</summary>
/// <param name="options">The assumptions.</param>
/// <param name="file">Measured runs, and constants among them; none when none were given.</param>
/// <param name="measured">The constants of this machine by the number of ranks that work at once: of 1, and of those of the runs.</param>
internal sealed class ScalingPage(ScalingOptions options, ScalingFile file, IReadOnlyDictionary<int, Machine> measured)
{
    // From here on a prediction is not what is aimed at.
    private const double Aim = 0.2;

    private readonly StringBuilder _text = new();

    /// <summary>The largest |predicted/measured − 1| of the runs that are predictions; 0 without.</summary>
    public double LargestDeviation { get; private set; }

    /// <summary>Makes the text.</summary>
    public string Write()
    {
        Calibration calibration = Calibration.Of(file.Runs, MachineOf);
        Introduction();
        _text.Append(ScalingText.Schemes);
        Constants(calibration);
        Check(calibration);
        Nodes();
        return _text.ToString();
    }

    private Machine MachineOf(int ranks) => measured[ranks];

    private void Introduction()
    {
        string command = options.Runs is null ? "" : " --runs RUNS.jsonl";
        Line("# Scaling: a cost model");
        Line();
        Line("What a training step takes on R ranks, by arithmetic, bytes and messages, for four ways to divide it, and where LPOM's are faster than back-propagation that divides the rows of a batch. Times of nodes are a model's, not measurements: there is no cluster here. The page is made as a whole, by");
        Line();
        if (options.Runs is not null) Line("    eng/scaling-runs.sh LPOM DATA_DIR RUNS.jsonl");
        Line($"    dotnet run -c Release --project src/Lpom.Bench -- scaling{command}");
        Line();
    }

    private void Constants(Calibration calibration)
    {
        int[] ranks = [.. measured.Keys.Order()];
        Line("## Constants of this machine");
        Line();
        Line("Measured by the command, on one core each for as many ranks as work at once: medians, each figure's own. F, cache, memory and c are those of streaming steps in one process of networks that are none of the runs' (784-640-640-10, 784-3072-3072-10, six layers of 160 units), whose time the library's profile divides into products, elementwise work and the rest: in a step operands were last used a step ago, and a product that is repeated on the same ones is a fifth faster.");
        Line();
        Row(["constant", .. ranks.Select(r => r == 1 ? "1 rank" : $"{r} ranks, each")]);
        Row(["---", .. ranks.Select(_ => "---:")]);
        Row(["times measured, in turn with the runs", .. ranks.Select(r => file.Constants.Count(c => c.Ranks == r) is > 0 and int times ? $"{times}" : "once, now")]);
        Figures(ranks, "F, GFLOP/s of products, without the part of h", m => Number(m.GemmRate / 1e9));
        Figures(ranks, "h, rows or units of a product at which it has half that rate", m => Number(m.HalfStrip));
        Figures(ranks, "cache, GB/s of elementwise work where weights, velocities and gradients fit", m => Number(m.CacheRate / 1e9));
        Figures(ranks, "memory, GB/s of the weight step where they do not", m => Number(m.MemoryRate / 1e9));
        Figures(ranks, "what fits, MB", m => Number(m.CacheBytes / 1e6));
        Figures(ranks, "c, µs of a layer beside that: packing, small products, calls", m => Number(m.LayerSeconds * 1e6));
        Figures(ranks, "of it calls, µs, by layers of 16 units and 8 rows", m => Number(m.CallSeconds * 1e6));
        Figures(ranks, "N, GB/s between ranks of this machine: half of what copying 1 MB has", m => Number(m.Bandwidth / 1e9));
        Line();
        Line(Latency(calibration));
        Line();
    }

    private void Figures(int[] ranks, string name, Func<Machine, string> figure) => Row([name, .. ranks.Select(r => figure(measured[r]))]);

    private static string Latency(Calibration calibration)
    {
        string time = $"{Number(calibration.Latency * 1e6)} µs";
        if (calibration.Run is null) return $"ℓ between ranks of this machine is assumed: {time}. No run of several ranks was given to find it by.";
        string bound = calibration.IsBounded ? $" The run's own is beyond {Number(Calibration.Least * 1e6)} to {Number(Calibration.Most * 1e6)} µs, and the bound is taken: the model or the run is wrong there." : "";
        return $"ℓ between ranks of this machine, with the wait for the other rank: {time}, so that the model gives the time of **one** run, {Name(calibration.Run)}, which has most messages for its time.{bound} Nothing else is fitted to a run; all others are predictions.";
    }

    private void Check(Calibration calibration)
    {
        Line("## The model and measured runs");
        Line();
        if (file.Runs.Length == 0)
        {
            Line("No measured runs were given (`--runs`): nothing is checked on this page.");
            Line();
            return;
        }
        Line("Seconds of an epoch on this machine, one thread a rank; medians of as many lines of the file as stand under \"times\", measured in turn with the others; a line of a network below a million weights is the median of three runs itself.");
        Line();
        Row(["network", "batch", "scheme", "ranks", "predicted s", "of it messages s", "times", "measured s", "predicted / measured"]);
        Row(["---", "---:", "---", "---:", "---:", "---:", "---:", "---:", "---:"]);
        ScalingRun? worst = null;
        foreach (ScalingRun run in file.Runs)
        {
            Machine machine = MachineOf(run.Ranks) with { Latency = calibration.Latency };
            StepCost cost = run.Cost(machine);
            double predicted = run.Steps * cost.Seconds(machine), ratio = predicted / run.SecondsPerEpoch;
            bool isFitted = ReferenceEquals(run, calibration.Run);
            Row([run.Layers!, $"{run.Batch}", run.Scheme!, $"{run.Ranks}", Number(predicted), Number(run.Steps * cost.NetworkSeconds(machine)), $"{run.Times}", Number(run.SecondsPerEpoch), $"{ratio:0.00}{(isFitted ? " (fitted)" : "")}"]);
            if (isFitted || Math.Abs(ratio - 1) <= LargestDeviation) continue;
            (LargestDeviation, worst) = (Math.Abs(ratio - 1), run);
        }
        Line();
        if (worst is not null) Line($"Largest deviation of a prediction: {LargestDeviation * 100:0} %, of {Name(worst)}; the aim of {Aim * 100:0} % is {(LargestDeviation <= Aim ? "met" : "**missed**")}.");
        Line();
    }

    private void Nodes()
    {
        Machine node = MachineOf(1).ToNode(options.NodeCores, options.NodeEfficiency, options);
        Line("## Nodes");
        Line();
        Line($"Assumed of a node: {options.NodeCores} cores with {Number(options.NodeEfficiency)} times that many times F, {Number(node.GemmRate / 1e12)} TFLOP/s; memory of {Number(options.NodeMemoryRate / 1e9)} GB/s, caches of {Number(options.NodeCacheBytes / 1e6)} MB at {Number(node.CacheRate / 1e9)} GB/s; a network of {Number(options.Bandwidth / 1e9)} GB/s and {Number(options.Latency * 1e6)} µs a hop, ⌈log₂ R⌉ hops for every exchange. h is a core's, and c is the calls alone, as cores share the rest: what many cores lose on a small product beyond that is not in the model. Options of the command change all of these (`--node-cores`, `--node-efficiency`, `--node-memory`, `--node-cache`, `--network`, `--latency`, `--depth`, `--batches`).");
        Line();
        Line($"Networks of 784 inputs, {options.Depth} hidden layers of the width and 10 outputs; a rank is a node. Milliseconds of a step; × is the speed over the same method on one node. With weak scaling a step takes B rows on every node, B·R together, so its rows a second are set against those of units, not its time; but a batch R times as large rarely needs R times fewer steps, and the model says nothing of that. Methods are compared each at its best number of nodes up to R, as messages make many a step slower than on one node; nothing is said of how many steps any of them needs.");
        Line();
        foreach (int batch in options.Batches) Table(batch, NodeCase.All(batch, options.Depth, node));
        Line("In `units` the activations travel, B·width floats a layer whatever R is; in `data` the weights, width² a layer. So `units` gains on `data` as the width grows over the batch, and loses where the batch is larger than the layers are wide. Beyond some R neither gains: a node's exchanges stay, and the Gram matrix of a layer is one node's work. What a node steps falls with R in `units`, whose ranks yet have room for all weights, velocities and Gram matrices. `layers` exchanges least, B·width floats up and as many down between neighbours, whatever lies between, and ends at as many nodes as layers; its steps are others, as batches overlap.");
    }

    private void Table(int batch, NodeCase[] cases)
    {
        Line($"### B = {batch}");
        Line();
        Row(["width", "nodes", "alone", "units", "×", "data, strong", "×", "layers", "×", "units over data, strong, each at its best", "layers over the same", "rows/s of data, weak, over units", "GB stepped a node, units", "data"]);
        Row([.. Enumerable.Repeat("---:", 14)]);
        foreach (NodeCase c in cases)
        {
            Row([
                $"{c.Width}", $"{c.Nodes}", Number(c.Alone * 1e3), Number(c.Units * 1e3), $"{c.Alone / c.Units:0.0}", Number(c.DataStrong * 1e3), $"{c.AloneData / c.DataStrong:0.0}",
                Number(c.Layers * 1e3), $"{c.Alone / c.Layers:0.0}", Speed(c.UnitsOverStrong), Speed(c.LayersOverStrong), $"{c.WeakOverUnits:0.00}", Number(c.UnitsBytes / 1e9), Number(c.DataBytes / 1e9)]);
        }
        Line();
        Line($"- LPOM with units divided is faster than back-propagation of the same batch, on one node or data-parallel on up to R, in {cases.Count(c => c.UnitsOverStrong > 1)} of {cases.Length} cases: {List(cases, c => c.UnitsOverStrong > 1)}. It is not in: {List(cases, c => c.UnitsOverStrong <= 1)}.");
        Line($"- Against weak scaling, by rows a second, it is ahead in: {List(cases, c => c.WeakOverUnits < 1)}; behind in: {List(cases, c => c.WeakOverUnits >= 1)}.");
        Line($"- LPOM with layers divided uses {options.Depth + 1} nodes at most. It is faster than units divided in: {List(cases, c => c.BestLayers < c.BestUnits)}; than back-propagation of the same batch, in {cases.Count(c => c.LayersOverStrong > 1)} of {cases.Length} cases: {List(cases, c => c.LayersOverStrong > 1)}. It is not faster than that in: {List(cases, c => c.LayersOverStrong <= 1)}.");
        Line();
    }

    private static string List(NodeCase[] cases, Func<NodeCase, bool> isListed)
    {
        string[] parts = [.. NodeCase.NodeCounts.Select(nodes => (nodes, widths: cases.Where(c => c.Nodes == nodes && isListed(c)).Select(c => c.Width).ToArray()))
            .Where(p => p.widths.Length > 0)
            .Select(p => $"{p.nodes} nodes at {(p.widths.Length == NodeCase.Widths.Length ? "all widths" : string.Join(", ", p.widths))}")];
        return parts.Length == 0 ? "none" : string.Join("; ", parts);
    }

    private static string Name(ScalingRun run) => $"{run.Layers}, `{run.Scheme}` on {run.Ranks} {(run.Ranks == 1 ? "rank" : "ranks")}";

    private static string Speed(double ratio) => ratio > 1 ? $"**{ratio:0.00}**" : $"{ratio:0.00}";

    // Three figures that count.
    private static string Number(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private void Row(string[] cells) => Line($"| {string.Join(" | ", cells)} |");

    private void Line(string text = "") => _text.Append(text).Append('\n');
}
