using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Simd.Model;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom inspect</c>: what a model file holds.</summary>
internal static class InspectVerb
{
    public const string Examples =
        """
          lpom inspect model.safetensors
          lpom inspect model.safetensors --json
        """;

    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("inspect", "Show a model's architecture, parameters and metadata") { model, json };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(model)!;
            Network network = ModelFile.Load(file);
            using var output = new Output(immediate: false);
            if (parsed.GetValue(json))
                output.Json((network, file), Write);
            else
                Print(network, file, output);
            output.Flush();
            return ExitCodes.Done;
        });
        return command;
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
        foreach ((string key, string value) in network.Metadata)
            output.Line($"  {Printable.Of(key)}: {Printable.Of(value)}");
    }

    private static void Write(Utf8JsonWriter json, (Network Network, string File) state)
    {
        Network network = state.Network;
        json.WriteString("model", state.File);
        json.WriteString("layers", network.Shape);
        json.WriteNumber("inputs", network.Inputs);
        json.WriteNumber("outputs", network.Outputs);
        json.WriteNumber("parameters", network.Parameters);
        json.WriteString("loss", network.Loss.Name());
        json.WriteStartArray("architecture");
        foreach (Layer layer in network.Layers)
        {
            json.WriteStartObject();
            json.WriteNumber("inputs", layer.Inputs);
            json.WriteNumber("outputs", layer.Outputs);
            json.WriteString("activation", layer.Activation.Name);
            json.WriteBoolean("bias", !layer.Bias.IsEmpty);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("metadata");
        foreach ((string key, string value) in network.Metadata)
            json.WriteString(key, value);
        json.WriteEndObject();
    }
}
