using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lpom.Bench.Parallel;

/// <summary>The line of JSON of the command 'parallel'.</summary>
/// <param name="Op">Its name.</param>
/// <param name="Layers">Hidden layers.</param>
/// <param name="Width">Units of each.</param>
/// <param name="Activation">Theirs.</param>
/// <param name="Batch">Rows of a step.</param>
/// <param name="Threads">Of the trainers with several.</param>
/// <param name="OneMs">Milliseconds of a step on one thread, a median.</param>
/// <param name="ProductsMs">The same where threads share every product.</param>
/// <param name="RowsMs">The same where they share rows and then layers.</param>
/// <param name="SynchronousMs">The same where they share blocks of layers while batches overlap in one order, their ends within the time.</param>
/// <param name="AsynchronousMs">The same in any order.</param>
/// <param name="ProductsSpeed">Speed where threads share every product over that of one thread.</param>
/// <param name="RowsSpeed">Speed where they share rows and layers over that of one thread.</param>
/// <param name="SynchronousSpeed">Speed where batches overlap in one order over that of one thread.</param>
/// <param name="AsynchronousSpeed">Speed where they do in any order over that of one thread.</param>
/// <param name="SynchronousOverProducts">Speed where batches overlap in one order over that where threads share every product.</param>
internal sealed record ParallelLine(
    string Op, int Layers, int Width, string Activation, int Batch, int Threads, double OneMs, double ProductsMs, double RowsMs, double SynchronousMs, double AsynchronousMs,
    double ProductsSpeed, double RowsSpeed, double SynchronousSpeed, double AsynchronousSpeed, double SynchronousOverProducts);

/// <summary>The line's JSON, generated at compile time: a native image has no reflection to write it with.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ParallelLine))]
internal sealed partial class ParallelJson : JsonSerializerContext;
