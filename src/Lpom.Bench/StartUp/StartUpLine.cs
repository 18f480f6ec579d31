using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lpom.Bench.StartUp;

/// <summary>The line of JSON of the command 'startup'.</summary>
/// <param name="Op">Its name.</param>
/// <param name="Layers">The network.</param>
/// <param name="Threads">Threads of the trainer.</param>
/// <param name="StepMs">Milliseconds of the first steps.</param>
/// <param name="SteadyMs">Milliseconds of a step once the process is warm, the median of the last half of the steps.</param>
/// <param name="SecondStepSpeed">Speed of the second step over the steady one.</param>
internal sealed record StartUpLine(string Op, string Layers, int Threads, double[] StepMs, double SteadyMs, double SecondStepSpeed);

/// <summary>The line's JSON, generated at compile time: a native image has no reflection to write it with.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(StartUpLine))]
internal sealed partial class StartUpJson : JsonSerializerContext;
