using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
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
        var command = new Command("eval", "Measure a model's accuracy on data") { model, data, dataDir, split, threads, json };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(model)!;
            Network network = ModelFile.Load(file);
            ModelRecord record = ModelRecord.Read(network, file);
            Dataset loaded = LoadData(parsed.GetValue(data), parsed.GetValue(dataDir), network, record, file);
            DataView rows = Rows(loaded, record, parsed.GetValue(split)!);
            return Run(network, loaded, rows, parsed.GetValue(split)!, parsed.GetValue(threads) ?? Environment.ProcessorCount, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(Network network, Dataset data, DataView rows, string split, int threads, bool isJson)
    {
        using var evaluation = new Evaluation(network, threads);
        Score score = evaluation.Measure(network, rows)
            ?? throw new BadInputException($"{data.Name} has no {split} rows; see --split");
        using var output = new Output();
        if (isJson)
            output.Json(score, WriteScore);
        else
            output.Line(string.Create(CultureInfo.InvariantCulture, $"Accuracy {EpochReport.Percent(score.Accuracy)} on {score.Samples:N0} {(split == AllSplit ? "" : split + " ")}rows of {data.Name}, loss {score.Loss:F4}"));
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
        if (data.Classes != network.Outputs)
            throw new BadInputException($"{data.Name} has {data.Classes} classes, the model {file} gives {network.Outputs}");
        return record.Preprocessing is Preprocessing preprocessing ? data.WithPreprocessing(preprocessing) : data;
    }

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
        json.WriteNumber("accuracy", score.Accuracy);
        json.WriteNumber("loss", score.Loss);
        json.WriteNumber("samples", score.Samples);
    }
}
