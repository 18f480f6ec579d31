using Lpom.Cli.Comparison;
using Lpom.Cli.Training;

namespace Lpom.Cli.Reports;

/// <summary>Curves over epochs and over seconds of training.</summary>
internal static class EpochCharts
{
    private static readonly (string, string)[] Axes = [("epochs", ""), ("seconds", "s")];

    /// <summary>Of one run: the score, loss and objective, and each layer's residual and size.</summary>
    /// <param name="task">What was trained for.</param>
    /// <param name="epochs">At least one.</param>
    public static IReadOnlyList<Chart> Of(LearningTask task, IReadOnlyList<EpochReport> epochs)
    {
        IReadOnlyList<double>[] x = [[.. epochs.Select(epoch => (double)epoch.Number)], [.. epochs.Select(epoch => epoch.Seconds)]];
        Series Line(string name, Func<EpochReport, double?> value) => new(name, x, [.. epochs.Select(value)]);
        List<Chart> charts =
        [
            ScoreChart(task, "", [Line("test", e => e.Test?.Value), Line("validation", e => e.Validation?.Value), Line("training", e => e.Train.Value)]),
            // What is not classified is trained in scaled units, and tested in the data's.
            new("Loss and objective", ChartFormat.Log, Axes, [Line("training loss", e => e.Loss), Line("test loss", e => task == LearningTask.Classify ? e.Test?.Loss : null), Line("objective", e => e.Objective)]),
        ];
        if (task == LearningTask.Regress)
            charts.Insert(1, new Chart("R², the part of the variance explained", ChartFormat.Number, Axes, [Line("test", e => e.Test?.R2), Line("validation", e => e.Validation?.R2), Line("training", e => e.Train.R2)]));
        int layers = epochs[0].Layers.Count;
        Series[] OfLayers(Func<LayerFigures, double> value) => [.. Enumerable.Range(0, layers).Select(i => Line($"layer {i + 1}", e => value(e.Layers[i])))];
        charts.Add(new Chart("Residual of each layer: root mean square of φ(WX) less the activation", ChartFormat.Log, Axes, OfLayers(layer => layer.Residual)));
        charts.Add(new Chart("Size of each layer's weights, ‖W‖", ChartFormat.Number, Axes, OfLayers(layer => layer.Norm)));
        return [.. charts.Select(WithoutEmpty).Where(chart => chart.HasValues)];
    }

    /// <summary>Of several methods: means over the seeds, with the spread as a band.</summary>
    /// <param name="methods">Of one task, at least one.</param>
    public static IReadOnlyList<Chart> Of(IReadOnlyList<MethodSummary> methods)
    {
        LearningTask task = methods[0].Task;
        IReadOnlyList<Series> Lines(Func<EpochReport, double?> value) => [.. methods.Select(method => Mean(method, value))];
        Chart[] charts =
        [
            ScoreChart(task, "Test ", Lines(e => e.Test?.Value)),
            ScoreChart(task, "Training ", Lines(e => e.Train.Value)),
            new("Training loss", ChartFormat.Log, Axes, Lines(e => e.Loss)),
        ];
        return [.. charts.Where(chart => chart.HasValues)];
    }

    private static Chart ScoreChart(LearningTask task, string rows, IReadOnlyList<Series> series)
    {
        string what = task == LearningTask.Classify ? "accuracy" : "mean square error";
        string title = rows.Length == 0 ? $"{char.ToUpperInvariant(what[0])}{what[1..]}" : rows + what;
        return new Chart(title, task == LearningTask.Classify ? ChartFormat.Percent : ChartFormat.Log, Axes, series);
    }

    private static Chart WithoutEmpty(Chart chart) => chart with { Series = [.. chart.Series.Where(series => series.Y.Any(value => value is not null))] };

    private static Series Mean(MethodSummary method, Func<EpochReport, double?> value)
    {
        MethodRun[] runs = [.. method.Runs.Where(run => !run.HasDiverged)];
        int epochs = runs.Length == 0 ? 0 : runs.Min(run => run.Epochs.Count);
        Spread?[] spreads = [.. Enumerable.Range(0, epochs).Select(i => Statistics.SpreadOf([.. runs.Select(run => value(run.Epochs[i])).OfType<double>()]))];
        double[] seconds = [.. Enumerable.Range(0, epochs).Select(i => runs.Average(run => run.Epochs[i].Seconds))];
        bool hasBand = spreads.Any(spread => spread?.Deviation is not null);
        return new Series(Figures.Name(method), [[.. Enumerable.Range(1, epochs).Select(epoch => (double)epoch)], seconds], [.. spreads.Select(spread => spread?.Mean)])
        {
            Low = hasBand ? [.. spreads.Select(spread => spread?.Mean - spread?.Deviation)] : null,
            High = hasBand ? [.. spreads.Select(spread => spread?.Mean + spread?.Deviation)] : null,
        };
    }
}
