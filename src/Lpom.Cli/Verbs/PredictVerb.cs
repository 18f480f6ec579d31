using System.CommandLine;
using Lpom.Cli.Options;
using Lpom.Cli.Samples;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Data;
using Lpom.Simd.Model;
using Microsoft.Win32.SafeHandles;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom predict</c>: a line out for every sample in, as it comes, in constant memory.</summary>
internal static class PredictVerb
{
    public const string Name = "predict";

    public const string Examples =
        """
          lpom predict model.safetensors samples.csv      a line a sample: class and its score
          lpom predict model.safetensors x_test.npy       numpy's arrays; .npz too: x_test, or x, or the only array
          lpom predict model.safetensors t10k-images-idx3-ubyte.gz --json
          lpom predict model.safetensors image.png        a model of images; in size and colour as the model's are
          camera | lpom predict model.safetensors --format raw
          tail -f samples.csv | lpom predict model.safetensors --on-error skip
        """;

    public const string Behaviour =
        """
        Answers come in the order of the samples, each before more input is waited for. A bad row ends
        the work with exit code 2, after the answers to the rows before it. With --on-error skip it is
        reported with its line number, and its line is empty, or {"index":…,"label":null,…,"error":…}
        with --json; the exit code is 0.
        """;

    private const string Stop = "stop", Skip = "skip", StandardInput = "-";
    private const string Auto = "auto", Csv = "csv", Npy = "npy", Raw = "raw";

    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        Argument<string> input = new Argument<string>("FILE")
        {
            Description = "Samples without their classes, raw values: CSV, NPY, IDX images or raw bytes, plain or .gz, NPZ, or a PNG image; - is the standard input",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => StandardInput,
        }.RefusingOptions();
        Option<string> format = CommonOptions.Choice("--format", [Auto, Csv, Npy, Raw], Auto, "Format of the samples; auto tells CSV, NPY, NPZ, IDX and PNG apart; raw is a byte a value, and nothing else");
        Option<string> precision = CommonOptions.Precision();
        Option<bool> json = CommonOptions.Json();
        Option<string> onError = CommonOptions.Choice("--on-error", [Stop, Skip], Stop, "What to do at a bad row");
        var command = new Command(Name, "Classify samples, or reconstruct them with an autoencoder, one line each as they come") { model, input, format, precision, json, onError };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(model)!;
            Network network = ModelFile.Load(file, parsed.GetValue(precision)!);
            ModelRecord record = ModelRecord.Read(network, file);
            return Run(network, record, parsed.GetValue(input)!, FormatOf(parsed.GetValue(format)!), parsed.GetValue(json), skipsBadRows: parsed.GetValue(onError) == Skip);
        });
        return command;
    }

    private static SampleFormat? FormatOf(string name) => name switch
    {
        Csv => SampleFormat.Csv,
        Npy => SampleFormat.Npy,
        Raw => SampleFormat.Raw,
        _ => null,
    };

    private static int Run(Network network, ModelRecord record, string input, SampleFormat? format, bool isJson, bool skipsBadRows)
    {
        if (string.IsNullOrWhiteSpace(input))
            throw new BadInputException($"FILE: '{input}' is no file name");
        // A FIFO's opening waits for its writer, and an interruption of that is the system's.
        SafeFileHandle? handle = OpenLive(input);
        using var interruption = new Interruption();
        using LiveInput? live = handle is null ? null : new LiveInput(handle, interruption);
        using var output = new Output(immediate: false);
        try
        {
            using SampleSource samples = live is null
                ? SampleSource.FromFile(input, format, network.Inputs, record)
                : SampleSource.FromLive(live, input == StandardInput ? "standard input" : input, format, network.Inputs, record);
            using var batch = new SampleBatch(network, record.Preprocessing ?? Preprocessing.Identity);
            var answering = new Answering(samples, batch, new AnswerLines(output, isJson, record, network.Outputs), skipsBadRows);
            return answering.Run(interruption) ? ExitCodes.Done : ExitCodes.Interrupted;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }

    private static SafeFileHandle? OpenLive(string input)
    {
        if (input == StandardInput)
            return LiveInput.StandardInput;
        if (!FileKind.IsStream(input))
            return null;
        try
        {
            return File.OpenHandle(input);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{input}: cannot be read: {e.Message}", e);
        }
    }
}
