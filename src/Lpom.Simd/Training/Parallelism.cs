namespace Lpom.Simd.Training;

/// <summary>How the threads of a trainer share a step. The weights have the same bits in every way.</summary>
public enum Parallelism
{
    /// <summary>Layer by layer: every matrix product is split.</summary>
    Products,

    /// <summary>
    /// Synchronous-parallel, after [L20]: every thread takes rows of the batch through all layers and back, then the weight solves of all
    /// layers run at once. For layers whose products are too small to be split. With adaptive penalties, whose ratio is of all rows, the
    /// threads meet at every layer on the way back.
    /// </summary>
    Layers,
}
