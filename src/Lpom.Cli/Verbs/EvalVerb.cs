using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom eval</c>: how a model does on data.</summary>
internal static class EvalVerb
{
    public const string Examples =
        """
          lpom eval model.safetensors                     the test rows of the data that it was trained on
          lpom eval model.safetensors --data mnist --data-dir ~/mnist --json
          lpom eval flowers.safetensors --data flowers.csv --split all
        """;

    private const string TestSplit = "test", TrainSplit = "train", AllSplit = "all";

    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        Option<string> data = CommonOptions.Data("Data to evaluate on [default: the named data that the model was trained on]");
        Option<string> dataDir = CommonOptions.DataDir();
        Option<string> split = CommonOptions.Choice("--split", [TrainSplit, TestSplit, AllSplit], TestSplit, "Rows to evaluate on");
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("eval", "Measure a model's accuracy on data, or an autoencoder's error") { model, data, dataDir, split, threads, json };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(model)!;
            Network network = ModelFile.Load(file);
            ModelRecord record = ModelRecord.Read(network, file);
            Dataset loaded = LoadData(parsed.GetValue(data), parsed.GetValue(dataDir), network, record, file);
            DataView rows = Rows(loaded, record, parsed.GetValue(split)!);
            if (parsed.GetValue(data) is string given && parsed.GetValue(split) == TestSplit && IsPartOfOtherData(given, loaded, record))
                Messages.Note($"note: only the test part of {loaded.Name} is measured ({loaded.SplitRule}), {rows.Rows} of {loaded.All.Rows} rows; --split all measures all rows");
            return Run(network, record.Task, file, loaded, rows, parsed.GetValue(split)!, parsed.GetValue(threads) ?? Environment.ProcessorCount, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(Network network, LearningTask task, string file, Dataset data, DataView rows, string split, int threads, bool isJson)
    {
        using var evaluation = new Evaluation(network, task, threads);
        Score score = evaluation.Measure(network, rows)
            ?? throw new BadInputException($"{data.Name} has no {split} rows; see --split");
        if (!double.IsFinite(score.Loss))
            throw new BadInputException($"{file} on {data.Name}: the loss is not a finite number; the rows' values are too large for this model, or it is spoilt");
        using var output = new Output();
        if (isJson)
            output.Json(score, WriteScore);
        else
            output.Line(string.Create(CultureInfo.InvariantCulture, $"{(task == LearningTask.Classify ? "Accuracy " : "")}{score.Figure} on {score.Samples:N0} {(split == AllSplit ? "" : split + " ")}rows of {data.Name}, loss {score.Loss:F4}"));
        return ExitCodes.Done;
    }

    private static Dataset LoadData(string? given, string? dataDir, Network network, ModelRecord record, string file)
    {
        string name = given ?? record.Data ?? throw new BadInputException($"{file} does not say what it was trained on; give --data");
        if (given is null && !NamedData.Names.Contains(name))
            throw new BadInputException($"{file} was trained on a file or folder of the user's own, '{name}'; give it by --data");
        Dataset data = NamedData.Load(name, dataDir, record.ClassNames);
        if (data.Features != network.Inputs)
            throw new BadInputException($"{data.Name} has {data.Features} inputs a row, the model {file} takes {network.Inputs}");
        if (record.Task == LearningTask.Classify && data.Classes != network.Outputs)
            throw new BadInputException($"{data.Name} has {data.Classes} classes, the model {file} gives {network.Outputs}");
        return record.Preprocessing is Preprocessing preprocessing ? data.WithPreprocessing(preprocessing) : data;
    }

    /// <summary>Whether the test rows are a part, chosen by rule, of data that the model was not trained on.</summary>
    private static bool IsPartOfOtherData(string given, Dataset data, ModelRecord record) =>
        data.SplitRule is not null && record.SplitRule is not null && record.Data is not null && record.Data != ModelRecord.NameOf(given, data);

    private static DataView Rows(Dataset data, ModelRecord record, string split)
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

    private static void WriteScore(Utf8JsonWriter json, Score score)
    {
        score.Write(json, "");
        json.WriteNumber("loss", score.Loss);
        json.WriteNumber("samples", score.Samples);
    }
}
