using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Options;
using Lpom.Cli.Reports;
using Lpom.Cli.Terminal;
using Lpom.Simd.Model;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom inspect</c>: what a model file holds.</summary>
internal static class InspectVerb
{
    public const string Name = "inspect";

    public const string Examples =
        """
          lpom inspect model.safetensors
          lpom inspect model.safetensors --json
          lpom inspect model.safetensors --html model.html   a page, with the first layer's weights as images
          lpom inspect model.safetensors --quantize       accuracy and latency with weights of 16 and 8 bits
          lpom inspect model.safetensors --quantize --data mnist --data-dir ~/mnist
        """;

    private const double LatencySeconds = 0.5;

    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        var quantize = new Option<bool>("--quantize") { Description = "Show instead what weights of 16 and 8 bits cost and gain: accuracy, or error, on data, and latency" };
        Option<string> data = CommonOptions.Data("Data for --quantize [default: the named data that the model was trained on; digits for an unknown model of its shape]");
        Option<string> dataDir = CommonOptions.DataDir();
        Option<string> split = ModelData.Split();
        Option<int?> threads = CommonOptions.Threads("Threads of --quantize's accuracy; latency is one thread's");
        Option<string> html = CommonOptions.File("--html", "HTML file for a page about the model, with the first layer's weights as images");
        Option<bool> json = CommonOptions.Json();
        var command = new Command(Name, "Show a model's architecture, parameters and metadata, or what weights of fewer bits cost") { model, quantize, data, dataDir, split, threads, html, json };
        command.Validators.Add(result =>
        {
            Option[] ofQuantize = [data, dataDir, split, threads];
            if (!result.GetValue(quantize) && Array.Find(ofQuantize, option => result.GetResult(option) is { Implicit: false }) is { } given)
                result.AddError($"{given.Name}: goes with --quantize only");
            if (result.GetValue(quantize) && result.GetValue(html) is not null)
                result.AddError("--html: goes without --quantize only");
        });
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(model)!;
            ReportTarget? page = CommonOptions.ReportOf(parsed, html);
            Network network = ModelFile.Load(file);
            page?.Write(ReportOf.Model(network, file));
            if (!parsed.GetValue(quantize))
                return Show(network, file, parsed.GetValue(json));
            ModelRecord record = ModelRecord.Read(network, file);
            string? given = parsed.GetValue(data) ?? Quantization.DataOfUnknown(network, record);
            var rows = ModelData.Load(network, record, file, given, parsed.GetValue(dataDir), parsed.GetValue(split)!);
            return Quantize(network, record.Task, file, rows, parsed.GetValue(threads) ?? Environment.ProcessorCount, parsed.GetValue(json));
        });
        return command;
    }

    private static int Show(Network network, string file, bool isJson)
    {
        using var output = new Output(immediate: false);
        if (isJson)
            output.Json((network, file), Write);
        else
            Print(network, file, output);
        output.Flush();
        return ExitCodes.Done;
    }

    private static int Quantize(Network network, LearningTask task, string file, ModelData rows, int threads, bool isJson)
    {
        using var output = new Output();
        IReadOnlyList<Quantization> precisions = Quantization.Measure(network, task, file, rows, threads, TimeSpan.FromSeconds(LatencySeconds));
        foreach (Quantization precision in isJson ? precisions : [])
            output.Json((precision, file, rows.Name), static (json, state) => state.precision.Write(json, state.file, state.Name));
        if (isJson)
            return ExitCodes.Done;
        output.Line(string.Create(CultureInfo.InvariantCulture, $"{file}: network {network.Shape} on {rows.Rows.Rows:N0} rows of {rows.Name}"));
        foreach (string line in TableText.Lines(Quantization.Columns, precisions.Select(precision => precision.Row)))
            output.Line(line);
        return ExitCodes.Done;
    }

    private static void Print(Network network, string file, Output output)
    {
        output.Line($"{file}: network {network.Shape}");
        for (int i = 0; i < network.Layers.Count; i++)
        {
            Layer layer = network.Layers[i];
            string bias = layer.Bias.IsEmpty ? "no bias" : "bias";
            output.Line(string.Create(CultureInfo.InvariantCulture, $"  layer {i + 1}: {layer.Inputs} -> {layer.Outputs}, {layer.Activation.Name}, {bias}"));
        }

        output.Line(string.Create(CultureInfo.InvariantCulture, $"  parameters: {network.Parameters:N0}"));
        output.Line(string.Create(CultureInfo.InvariantCulture, $"  memory: {network.Layers.Sum(layer => layer.WeightBytes) / 1024.0:N1} KiB of weights to predict, {sizeof(float) * (long)network.WorkspaceLength / 1024.0:N1} KiB for a prediction"));
        foreach ((string key, string value) in network.Metadata)
            output.Line($"  {Printable.Of(key)}: {Printable.Of(value)}");
        foreach (string line in TableText.Lines(LayerStatistics.Columns, network.Layers.Select((layer, i) => LayerStatistics.Of(layer).Row(layer, i + 1))))
            output.Line(line);
    }

    private static void Write(Utf8JsonWriter json, (Network Network, string File) state)
    {
        Network network = state.Network;
        json.WriteString("model", state.File);
        json.WriteString("layers", network.Shape);
        json.WriteNumber("inputs", network.Inputs);
        json.WriteNumber("outputs", network.Outputs);
        json.WriteNumber("parameters", network.Parameters);
        json.WriteNumber("weightBytes", network.Layers.Sum(layer => layer.WeightBytes));
        json.WriteNumber("workspaceBytes", sizeof(float) * (long)network.WorkspaceLength);
        json.WriteString("loss", network.Loss.Name());
        json.WriteStartArray("architecture");
        foreach (Layer layer in network.Layers)
        {
            json.WriteStartObject();
            json.WriteNumber("inputs", layer.Inputs);
            json.WriteNumber("outputs", layer.Outputs);
            json.WriteString("activation", layer.Activation.Name);
            json.WriteBoolean("bias", !layer.Bias.IsEmpty);
            LayerStatistics.Of(layer).Write(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("metadata");
        foreach ((string key, string value) in network.Metadata)
            json.WriteString(key, value);
        json.WriteEndObject();
    }
}
