using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom export</c>: a model in another format.</summary>
internal static class ExportVerb
{
    public const string Name = "export";

    public const string Examples =
        """
          lpom export model.safetensors --format onnx --output model.onnx
          lpom export torch.onnx --format safetensors --output torch.safetensors
        """;

    private const string Onnx = "onnx", Safetensors = "safetensors";

    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        Option<string> format = CommonOptions.Choice("--format", [Onnx, Safetensors], "Format to write");
        Option<string> file = CommonOptions.File("--output", "File to write; a model there is replaced");
        file.Required = true;
        Option<bool> json = CommonOptions.Json();
        var command = new Command(Name, "Write a model in another format") { model, format, file, json };
        command.SetAction(parsed => Run(parsed.GetValue(model)!, parsed.GetValue(format)!, parsed.GetValue(file)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string model, string format, string file, bool isJson)
    {
        Network network = ModelFile.Load(model);
        ModelRecord record = ModelRecord.Read(network, model);
        string written = new ModelTarget(file, format == Onnx ? ModelFormat.Onnx : ModelFormat.Safetensors).Save(network);
        long bytes = new FileInfo(written).Length;
        using var output = new Output();
        if (isJson)
            output.Json((written, format, network, bytes), Write);
        else
            output.Line(string.Create(CultureInfo.InvariantCulture, $"{written}: {format}, network {network.Shape}, {bytes:N0} bytes{InputsPhrase(record.Preprocessing)}"));
        return ExitCodes.Done;
    }

    /// <summary>What whoever runs the model elsewhere must do first.</summary>
    private static string InputsPhrase(Preprocessing? preprocessing)
    {
        if (preprocessing is null || preprocessing.IsIdentity)
            return "";
        ReadOnlySpan<float> scales = preprocessing.Scales.Span, offsets = preprocessing.Offsets.Span;
        if (scales.ContainsAnyExcept(scales[0]))
            return "; its inputs are raw values * input-scale - input-offsets, a pair for each column ('lpom inspect' shows them)";
        string less = offsets.ContainsAnyExcept(0f) ? $" - {string.Join(" or ", preprocessing.Offsets.ToArray().Select(o => o.ToString(CultureInfo.InvariantCulture)))}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"; its inputs are raw values * {scales[0]}{less}");
    }

    private static void Write(Utf8JsonWriter json, (string Written, string Format, Network Network, long Bytes) state)
    {
        json.WriteString("model", state.Written);
        json.WriteString("format", state.Format);
        json.WriteString("layers", state.Network.Shape);
        json.WriteNumber("bytes", state.Bytes);
    }
}
