using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lpom.Bench.Ratios;

/// <summary>The lines' JSON, generated at compile time: a native image has no reflection to write them with.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RatioLine))]
[JsonSerializable(typeof(PointwiseLine))]
internal sealed partial class RatiosJson : JsonSerializerContext;
