using System.Globalization;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli.Reports;

/// <summary>What a network does with the rows that it is measured on: mistakes, samples, its weights.</summary>
internal static class TestSection
{
    private const int MostPictures = 24, MostClasses = 100, MostListed = 12, MostPoints = 300;

    /// <summary>Adds it to a report.</summary>
    /// <param name="report">What is there already.</param>
    /// <param name="network">On rows as the view gives them.</param>
    /// <param name="task">What it gives.</param>
    /// <param name="data">The data's name, shape and classes.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="threads">Threads.</param>
    public static Report Add(Report report, Network network, LearningTask task, Dataset data, DataView rows, int threads)
    {
        if (data.Shape is ImageShape shape && shape.Width * shape.Height * shape.Channels == network.Inputs)
            report = report with { Images = [.. report.Images, Pictures.OfWeights(network, shape)] };
        if (rows.Rows == 0)
            return report;
        return task switch
        {
            LearningTask.Classify => AddClasses(report, network, data, rows, threads),
            LearningTask.Regress => AddNumbers(report, network, data, rows),
            _ => AddReconstructions(report, network, data, rows),
        };
    }

    private static Report AddClasses(Report report, Network network, Dataset data, DataView rows, int threads)
    {
        TestAnswers answers = TestAnswers.Of(network, rows, threads);
        if (data.Classes <= MostClasses)
            report = report with { Confusion = answers.Confusion(data.ClassNames) };
        int[] mistakes = [.. answers.Mistakes.Take(MostPictures)], samples = [.. answers.Samples(MostPictures)];
        string Caption(int row) => answers.Given[row] == rows.Label(row)
            ? data.ClassNames[rows.Label(row)]
            : $"{data.ClassNames[rows.Label(row)]}, taken for {data.ClassNames[answers.Given[row]]}";
        string Detail(int row) => answers.Given[row] == rows.Label(row)
            ? Text($"{answers.GivenScores[row]:F2}")
            : Text($"{answers.GivenScores[row]:F2} against {answers.TrueScores[row]:F2}");
        if (data.Shape is ImageShape shape)
        {
            (byte[], string, string) Item(int row) => (PictureOf(data, rows, row, shape), Caption(row), Detail(row));
            ImageGroup worst = new("Most confused images", "The surest mistakes first, with the score of the class given against that of the true one.", Pictures.Size(shape), [.. mistakes.Select(Item)]);
            ImageGroup some = new("Sample predictions", "Images of every class in turn, with the score of the class given.", Pictures.Size(shape), [.. samples.Select(Item)]);
            return report with { Images = [.. mistakes.Length > 0 ? (ImageGroup[])[worst, some] : [some], .. report.Images] };
        }

        string[] columns = ["row", "class", "taken for", "score", "score of its own class"];
        IReadOnlyList<string> Row(int row) => [Text($"{row + 1}"), data.ClassNames[rows.Label(row)], data.ClassNames[answers.Given[row]], Text($"{answers.GivenScores[row]:F3}"), Text($"{answers.TrueScores[row]:F3}")];
        ReportTable[] tables = [new("Surest mistakes", columns, [.. mistakes.Take(MostListed).Select(Row)], IsCollapsed: false), new("Sample predictions", columns, [.. samples.Take(MostListed).Select(Row)], IsCollapsed: true)];
        return report with { Tables = [.. tables.Where(table => table.Rows.Count > 0), .. report.Tables] };
    }

    private static Report AddNumbers(Report report, Network network, Dataset data, DataView rows)
    {
        (float True, float Given)[] pairs = [.. Answers(network, rows).Select((given, row) => (rows.Numbers(row)[0], given[0])).OrderBy(pair => pair.Item1)];
        (float True, float Given)[] shown = pairs.Length <= MostPoints ? pairs : [.. Enumerable.Range(0, MostPoints).Select(i => pairs[(int)((long)i * pairs.Length / MostPoints)])];
        string name = data.NumberNames[0];
        double[] places = [.. shown.Select(pair => (double)pair.True)];
        var chart = new Chart(
            $"{name} predicted, against {name} in the data",
            ChartFormat.Number,
            [($"{name} in the data", "")],
            [new Series("predicted", [places], [.. shown.Select(pair => (double?)pair.Given)]), new Series("in the data", [places], [.. shown.Select(pair => (double?)pair.True)])]);
        return report with { Charts = [.. report.Charts, chart] };
    }

    private static Report AddReconstructions(Report report, Network network, Dataset data, DataView rows)
    {
        if (data.Shape is not ImageShape shape)
            return report;
        int count = Math.Min(MostPictures / 2, rows.Rows);
        float[][] given = [.. Answers(network, rows.Slice(0, count))];
        (byte[], string, string)[] items = [.. Enumerable.Range(0, count).SelectMany(row => ((byte[], string, string)[])[(PictureOf(data, rows, row, shape), "in", ""), (Pictures.OfRow(given[row], shape, data.Preprocessing), "out", "")])];
        return report with { Images = [new ImageGroup("Reconstructions", "Each image and what comes back.", Pictures.Size(shape), items), .. report.Images] };
    }

    private static IEnumerable<float[]> Answers(Network network, DataView rows)
    {
        using var workspace = Workspace.For(network, 1);
        var inputs = new float[network.Inputs];
        for (int row = 0; row < rows.Rows; row++)
        {
            rows.CopyInputs(row, 1, inputs, inputs.Length);
            var scores = new float[network.Outputs];
            network.Predict(inputs, scores, workspace);
            yield return scores;
        }
    }

    private static byte[] PictureOf(Dataset data, DataView rows, int row, ImageShape shape)
    {
        var values = new float[rows.Features];
        rows.CopyInputs(row, 1, values, values.Length);
        return Pictures.OfRow(values, shape, data.Preprocessing);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
