namespace Lpom.Simd.Training;

/// <summary>How the threads of a trainer share the work.</summary>
public enum Parallelism
{
    /// <summary>Layer by layer: every matrix product is split. The result does not depend on the threads.</summary>
    Products,

    /// <summary>
    /// Every thread takes rows of the batch through all layers and back, then the weight solves of all layers run at once: the bits of
    /// <see cref="Products"/>, for layers whose products are too small to be split. With adaptive penalties, whose ratio is of all rows, the
    /// threads meet at every layer on the way back.
    /// </summary>
    Rows,

    /// <summary>
    /// Synchronous-parallel, after [L20]: all layers are updated at once, in two blocks, each at another batch. A batch is fed forward by weights that lack the last few steps, fewer than there are blocks; the order is
    /// always the same, and so are the weights, for any number of threads. Needs two layers and one process; else it is <see cref="Products"/>.
    /// </summary>
    Synchronous,

    /// <summary>
    /// Asynchronous-parallel, after [L20]: the same with as many blocks as threads, each at what is ready. The order depends on timing, and
    /// so do the weights. Needs two threads and two layers, and one process; else it is <see cref="Products"/>.
    /// </summary>
    Asynchronous,
}
