using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lpom.Cli.Training.Checkpoints;
using Lpom.Data;
using Lpom.Simd.Training;

namespace Lpom.Cli.Options;

/// <summary>The options of a training, with what the data or the method chose, as <see cref="ConfigFile"/> reads them.</summary>
internal static class RunConfig
{
    /// <summary>The key of a model's metadata.</summary>
    public const string MetadataKey = "config";

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What determines the model, on one line; without threads, places of files and what else differs between equal runs.</summary>
    public static string OfModel(TrainSettings settings, Dataset data)
    {
        var text = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(text, Compact);
        json.WriteStartObject();
        WriteCommon(json, settings, ModelRecord.NameOf(settings.Data, data));
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>Everything, to be read again.</summary>
    public static void Write(Stream stream, TrainSettings settings)
    {
        using var json = new Utf8JsonWriter(stream, Compact with { Indented = true });
        json.WriteStartObject();
        WriteCommon(json, settings, settings.Data);
        WriteText(json, "data-dir", settings.DataDir);
        json.WriteNumber("threads", settings.Threads);
        WriteText(json, "parallel", settings.Parallelism == Parallelism.Rows ? TrainSettings.RowsParallel : null);
        WriteText(json, "distributed", TrainSettings.NameOf(settings.Distribution));
        WriteText(json, "output", settings.Output);
        WriteText(json, "checkpoint", settings.Checkpoint?.Folder);
        WriteText(json, "checkpoint-every", settings.Checkpoint?.Every.ToString());
        WriteText(json, "report", settings.Report);
        WriteText(json, "log", settings.Log);
        json.WriteEndObject();
        json.Flush();
        stream.WriteByte((byte)'\n');
    }

    private static void WriteCommon(Utf8JsonWriter json, TrainSettings settings, string data)
    {
        json.WriteNumber(ConfigFile.VersionKey, ConfigFile.Version);
        json.WriteString("data", data);
        // A part of nothing is what a method without the option has.
        foreach ((string option, string value) in RunIdentity.OptionsOf(settings).Where(pair => pair is not { Key: "--dropout" or "--average", Value: "0" }))
            WriteText(json, option.TrimStart('-'), value);
    }

    private static void WriteText(Utf8JsonWriter json, string key, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return;
        json.WritePropertyName(key);
        if (IsNumber(value))
            json.WriteRawValue(value);
        else
            json.WriteStringValue(value);
    }

    private static bool IsNumber(string value)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(value));
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
