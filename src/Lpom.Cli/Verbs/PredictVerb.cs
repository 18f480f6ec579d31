using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom predict</c>: a line out for every sample in, as it comes.</summary>
internal static class PredictVerb
{
    public const string Examples =
        """
          lpom predict model.safetensors samples.csv      a line a sample: class and its score
          lpom predict model.safetensors t10k-images-idx3-ubyte.gz --json
          tail -f samples.csv | lpom predict model.safetensors --on-error skip
        """;

    private const string Stop = "stop", Skip = "skip", StandardInput = "-";

    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        Argument<string> input = new Argument<string>("FILE")
        {
            Description = "CSV rows of raw values without a class, or an IDX file of images, plain or .gz; - is the standard input",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => StandardInput,
        }.RefusingOptions();
        Option<bool> json = CommonOptions.Json();
        Option<string> onError = CommonOptions.Choice("--on-error", [Stop, Skip], Stop, "What to do at a bad row");
        var command = new Command("predict", "Classify samples, or reconstruct them with an autoencoder, one line each as they come") { model, input, json, onError };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(model)!;
            Network network = ModelFile.Load(file);
            ModelRecord record = ModelRecord.Read(network, file);
            using SampleSource samples = Open(parsed.GetValue(input)!, network.Inputs);
            return Run(network, record, samples, parsed.GetValue(json), skipsBadRows: parsed.GetValue(onError) == Skip);
        });
        return command;
    }

    private static SampleSource Open(string input, int inputs) =>
        input == StandardInput ? SampleSource.FromStandardInput(inputs) : SampleSource.FromFile(input, inputs);

    private static int Run(Network network, ModelRecord record, SampleSource samples, bool isJson, bool skipsBadRows)
    {
        Preprocessing preprocessing = record.Preprocessing ?? Preprocessing.Identity;
        using Workspace workspace = Workspace.For(network, maxBatch: 1);
        float[] sample = new float[network.Inputs];
        var answer = new Answer(new float[network.Outputs], record);
        // Whoever writes sample by sample waits for the answers; a file's reader does not.
        using var output = new Output(immediate: samples.IsLive);
        while (true)
        {
            try
            {
                if (!samples.Read(sample))
                    break;
                preprocessing.Apply(sample, sample);
                network.Predict(sample, answer.Scores, workspace);
                if (answer.IsReconstruction)
                    preprocessing.Undo(answer.Scores);
                CheckScores(answer.Scores, samples);
            }
            catch (DataFormatException e) when (skipsBadRows && samples.CanContinue)
            {
                Messages.Error($"{e.Message} (skipped)");
                answer.Index++;
                continue;
            }
            catch (DataFormatException)
            {
                output.Flush();
                throw;
            }

            if (isJson)
                output.Json(answer, WriteAnswer);
            else
                output.Line(answer.Text);
            answer.Index++;
        }

        output.Flush();
        return ExitCodes.Done;
    }

    private static void CheckScores(float[] scores, SampleSource samples)
    {
        foreach (float score in scores)
        {
            if (!float.IsFinite(score))
                throw new DataFormatException(samples.Name, $"{samples.Place}: a score is not a finite number; the sample's values are too large for this model.");
        }
    }

    private static void WriteAnswer(Utf8JsonWriter json, Answer answer)
    {
        json.WriteNumber("index", answer.Index);
        if (!answer.IsReconstruction)
        {
            json.WriteNumber("label", answer.Best);
            if (answer.Class is string name)
                json.WriteString("class", name);
        }

        json.WriteStartArray(answer.IsReconstruction ? "values" : "scores");
        foreach (float score in answer.Scores)
            json.WriteNumberValue(score);
        json.WriteEndArray();
    }

    private sealed class Answer(float[] scores, ModelRecord record)
    {
        public float[] Scores => scores;

        /// <summary>Number of the sample from 0, bad ones counted.</summary>
        public long Index { get; set; }

        /// <summary>The scores are an autoencoder's output.</summary>
        public bool IsReconstruction => record.Task == LearningTask.Autoencode;

        /// <summary>Label of the highest score.</summary>
        public int Best => Evaluation.Best(scores);

        /// <summary>Its name; null when the model does not name its classes.</summary>
        public string? Class => record.ClassNames?[Best];

        /// <summary>Class and its score, apart by a tab; an autoencoder's values, apart by commas.</summary>
        public string Text
        {
            get
            {
                if (IsReconstruction)
                    return string.Join(',', scores.Select(value => value.ToString(CultureInfo.InvariantCulture)));
                string name = Class is null ? Best.ToString(CultureInfo.InvariantCulture) : Printable.Of(Class);
                return string.Create(CultureInfo.InvariantCulture, $"{name}\t{scores[Best]}");
            }
        }
    }
}
