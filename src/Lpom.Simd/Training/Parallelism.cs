namespace Lpom.Simd.Training;

/// <summary>How the threads of a trainer share a step. The weights have the same bits in every way but the asynchronous one.</summary>
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

    /// <summary>
    /// Asynchronous-parallel, after [L20]: every thread owns a block of layers, and batches flow up and down through the blocks, several at
    /// once. A batch is fed forward by weights that lack the last few steps, at most as many as there are other batches in flight. The
    /// order depends on timing, and so do the weights. Needs two threads and two layers, and one process; else it is <see cref="Products"/>.
    /// </summary>
    Asynchronous,
}
