namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>The next thing that a stage does.</summary>
internal enum StageOperation
{
    None,

    /// <summary>Feeds the next batch forward.</summary>
    Forward,

    /// <summary>Takes the deviations and the weight solves of the oldest batch that it has fed forward.</summary>
    Backward,
}

/// <summary>
/// The order of every stage's operations: together with the batches it determines the bits, as batches pass through a stage one after the
/// other, up and down.
/// </summary>
internal sealed class StageOrder
{
    private readonly List<StageOperation>[] _stages;

    /// <param name="stages">Of the pipeline.</param>
    public StageOrder(int stages) => _stages = [.. Enumerable.Range(0, stages).Select(_ => new List<StageOperation>())];

    /// <summary>Of a stage.</summary>
    public List<StageOperation> this[int stage] => _stages[stage];
}
