using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Options;
using Lpom.Cli.Reports;
using Lpom.Cli.Terminal;
using Lpom.Simd.Model;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom eval</c>: how a model does on data.</summary>
internal static class EvalVerb
{
    public const string Name = "eval";

    public const string Examples =
        """
          lpom eval model.safetensors                     the test rows of the data that it was trained on
          lpom eval model.safetensors --data mnist --data-dir ~/mnist --json
          lpom eval flowers.safetensors --data flowers.csv --split all
          lpom eval model.safetensors --precision int8    as it does with weights of 8 bits
        """;

    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        Option<string> data = CommonOptions.Data("Data to evaluate on [default: the named data that the model was trained on]");
        Option<string> dataDir = CommonOptions.DataDir();
        Option<string> split = ModelData.Split();
        Option<string> precision = CommonOptions.Precision();
        Option<int?> threads = CommonOptions.Threads();
        Option<string> report = CommonOptions.Report();
        Option<bool> json = CommonOptions.Json();
        var command = new Command(Name, "Measure a model's accuracy on data, or an autoencoder's error") { model, data, dataDir, split, precision, threads, report, json };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(model)!;
            Network network = ModelFile.Load(file, parsed.GetValue(precision)!);
            ModelRecord record = ModelRecord.Read(network, file);
            string rows = parsed.GetValue(split)!;
            var loaded = ModelData.Load(network, record, file, parsed.GetValue(data), parsed.GetValue(dataDir), rows);
            return Run(network, record.Task, file, loaded, rows, parsed.GetValue(threads) ?? Environment.ProcessorCount, CommonOptions.ReportOf(parsed, report), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(Network network, LearningTask task, string file, ModelData data, string split, int threads, ReportTarget? report, bool isJson)
    {
        Score score = data.Measure(network, task, file, threads);
        using var output = new Output();
        if (isJson)
            output.Json(score, WriteScore);
        else
            output.Line(string.Create(CultureInfo.InvariantCulture, $"{(task == LearningTask.Classify ? "Accuracy " : "")}{score.Figure} on {score.Samples:N0} {(split == ModelData.AllSplit ? "" : split + " ")}rows of {data.Name}, loss {score.Loss:F4}"));
        report?.Write(ReportOf.Evaluation(network, task, file, data, score, threads));
        return ExitCodes.Done;
    }

    private static void WriteScore(Utf8JsonWriter json, Score score)
    {
        score.Write(json, "");
        json.WriteNumber("loss", score.Loss);
        json.WriteNumber("samples", score.Samples);
    }
}
