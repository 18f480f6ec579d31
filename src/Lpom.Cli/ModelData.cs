using System.CommandLine;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli;

/// <summary>The rows that a model is measured on.</summary>
/// <param name="Data">All of the data, with inputs as the model takes them.</param>
/// <param name="Rows">The rows of it.</param>
internal sealed record ModelData(Dataset Data, DataView Rows)
{
    /// <summary>What the data is called.</summary>
    public string Name => Data.Name;

    /// <summary>All rows, whatever part they are of.</summary>
    public const string AllSplit = "all";

    /// <summary>Rows that the model has not seen.</summary>
    public const string TestSplit = "test";

    private const string TrainSplit = "train";

    public static Option<string> Split() => CommonOptions.Choice("--split", [TrainSplit, TestSplit, AllSplit], TestSplit, "Rows to evaluate on");

    /// <summary>Loads the data given, or else the named data that the model was trained on.</summary>
    /// <param name="network">The model.</param>
    /// <param name="record">Its metadata.</param>
    /// <param name="file">What errors call it.</param>
    /// <param name="given">Name or path; null for the model's own.</param>
    /// <param name="dataDir">Where named data is looked for first.</param>
    /// <param name="split">Which rows.</param>
    /// <exception cref="BadInputException">No data, or data that does not fit the model; the message says what is needed.</exception>
    public static ModelData Load(Network network, ModelRecord record, string file, string? given, string? dataDir, string split)
    {
        Dataset data = LoadAll(network, record, file, given, dataDir);
        DataView rows = Part(data, record, split);
        if (rows.Rows == 0)
            throw new BadInputException($"{data.Name} has no {split} rows; see --split");
        if (given is not null && split == TestSplit && IsPartOfOtherData(given, data, record))
            Messages.Note($"note: only the test part of {data.Name} is measured ({data.SplitRule}), {rows.Rows} of {data.All.Rows} rows; --split all measures all rows");
        return new ModelData(data, rows);
    }

    /// <summary>How a model does on the rows.</summary>
    /// <exception cref="BadInputException">Its loss is not finite.</exception>
    public Score Measure(Network network, LearningTask task, string file, int threads)
    {
        using var evaluation = new Evaluation(network, task, threads);
        Score score = evaluation.Measure(network, Rows)!.Value;
        return double.IsFinite(score.Loss)
            ? score
            : throw new BadInputException($"{file} on {Name}: the loss is not a finite number; the rows' values are too large for this model, or it is spoilt");
    }

    private static Dataset LoadAll(Network network, ModelRecord record, string file, string? given, string? dataDir)
    {
        string name = given ?? record.Data ?? throw new BadInputException($"{file} does not say what it was trained on; give --data, rows of {network.Inputs} values");
        if (given is null && !NamedData.Names.Contains(name))
            throw new BadInputException($"{file} was trained on a file or folder of the user's own, '{name}'; give it by --data");
        Dataset data = NamedData.Load(name, dataDir, RequestOf(network, record));
        foreach (string note in record.Image is null ? [] : data.Notes)
            Messages.Note($"note: {note}");
        if (data.Features != network.Inputs)
            throw new BadInputException($"{data.Name} has {data.Features} inputs a row, the model {file} takes {network.Inputs}");
        if (record.Task == LearningTask.Classify && data.Classes != network.Outputs)
            throw new BadInputException($"{data.Name} has {data.Classes} classes, the model {file} gives {network.Outputs}");
        if (record.Task == LearningTask.Regress && data.Outputs != network.Outputs)
            throw new BadInputException($"{data.Name} has {data.Outputs} numbers to be given for a row, the model {file} gives {network.Outputs}");
        return record.Preprocessing is Preprocessing preprocessing ? data.WithPreprocessing(preprocessing) : data;
    }

    private static DataRequest RequestOf(Network network, ModelRecord record) => new()
    {
        Inputs = network.Inputs,
        ClassNames = record.ClassNames,
        Columns = record.Columns,
        Image = record.Image,
        Resize = record.Resize,
        Kind = record.Task switch
        {
            LearningTask.Classify => TargetKind.Classes,
            LearningTask.Regress => TargetKind.Numbers,
            _ => null,
        },
    };

    /// <summary>Whether the test rows are a part, chosen by rule, of data that the model was not trained on.</summary>
    private static bool IsPartOfOtherData(string given, Dataset data, ModelRecord record) =>
        data.SplitRule is not null && record.SplitRule is not null && record.Data is not null && record.Data != ModelRecord.NameOf(given, data);

    private static DataView Part(Dataset data, ModelRecord record, string split)
    {
        // A model of data with its own test part has seen nothing of a file, which the rule for files would divide.
        bool unseen = data.SplitRule is not null && record.Data is not null && record.SplitRule is null;
        if (unseen && split == TrainSplit)
            throw new BadInputException($"--split train: the model was trained on {record.Data}, not on rows of {data.Name}");
        return split switch
        {
            TrainSplit => data.Train,
            TestSplit => unseen ? data.All : data.Test,
            _ => data.All,
        };
    }
}
