using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lpom.Bench.Soak;

/// <summary>The line of JSON of the command 'soak'.</summary>
/// <param name="Minutes">How long it took.</param>
/// <param name="Steps">Training steps.</param>
/// <param name="Predictions">Rows predicted.</param>
/// <param name="Published">Networks handed out by online learning.</param>
/// <param name="Files">Models saved, loaded and compared.</param>
/// <param name="Cancellations">Trainings given up.</param>
/// <param name="Wrong">Answers that are not those of the first time.</param>
/// <param name="Failures">Workers that an exception ended.</param>
/// <param name="AllocatingCalls">Steps and predictions after which the thread had more managed bytes than before.</param>
/// <param name="AllocatedBytes">Of those.</param>
/// <param name="ManagedGrowth">Managed bytes after a collection, at the end less after the first minute.</param>
/// <param name="ResidentGrowth">The same of the process's memory.</param>
/// <param name="HandleGrowth">The same of open files.</param>
/// <param name="ThreadGrowth">The same of threads.</param>
/// <param name="Passed">Nothing wrong, nothing grew, and no more than one call in a million with bytes of the runtime's own.</param>
internal sealed record SoakLine(
    double Minutes, long Steps, long Predictions, long Published, long Files, long Cancellations, long Wrong, int Failures,
    long AllocatingCalls, long AllocatedBytes, long ManagedGrowth, long ResidentGrowth, int HandleGrowth, int ThreadGrowth, bool Passed);

/// <summary>The line's JSON, generated at compile time: a native image has no reflection to write it with.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SoakLine))]
internal sealed partial class SoakJson : JsonSerializerContext;
