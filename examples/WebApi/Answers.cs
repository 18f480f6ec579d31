using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lpom.Examples;

/// <summary>What an image is taken for.</summary>
/// <param name="Label">The class's number, from 0.</param>
/// <param name="Class">Its name.</param>
/// <param name="Probabilities">Of each class; of a model that gives no probabilities, nothing.</param>
/// <param name="Scores">Of each class, of a model that gives no probabilities.</param>
internal sealed record Answer(int Label, string Class, float[]? Probabilities, float[]? Scores);

/// <summary>Why an image was not classified.</summary>
internal sealed record Refusal(string Error);

/// <summary>That the service is ready, and for what.</summary>
internal sealed record Health(string Status, string Network, int Inputs);

/// <summary>Their JSON, generated when the program is compiled.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(Refusal))]
[JsonSerializable(typeof(Health))]
internal sealed partial class AnswerJson : JsonSerializerContext
{
    /// <summary>Leaves quotes and '×' as they are: the answers are JSON, never part of a web page.</summary>
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>With <see cref="Encoder"/>.</summary>
    public static AnswerJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = Encoder });
}
