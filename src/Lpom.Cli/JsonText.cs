using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Lpom.Cli;

/// <summary>JSON arrays inside metadata values.</summary>
internal static class JsonText
{
    public static string Array<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        var text = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartArray();
        foreach (T item in items)
            write(json, item);
        json.WriteEndArray();
        json.Flush();
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <returns>Null when there is no text.</returns>
    /// <exception cref="BadInputException">Not a JSON array of strings.</exception>
    public static IReadOnlyList<string>? Strings(string? text, string file, string key) =>
        Read(text, file, key, "an array of strings", static item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw new FormatException());

    private static List<T>? Read<T>(string? text, string file, string key, string expected, Func<JsonElement, T> convert)
    {
        if (text is null)
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Array)
                return document.RootElement.EnumerateArray().Select(convert).ToList();
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new BadInputException($"{file}: metadata '{key}' is not {expected} in JSON", e);
        }

        throw new BadInputException($"{file}: metadata '{key}' is not {expected} in JSON");
    }
}
