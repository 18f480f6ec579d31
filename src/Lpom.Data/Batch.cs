using Lpom.Simd.Kernels.Memory;

namespace Lpom.Data;

/// <summary>Some samples with their classes. Views the memory of its <see cref="Batches"/>: valid until the next batch.</summary>
public readonly ref struct Batch
{
    internal Batch(ReadOnlyMatrixView inputs, ReadOnlySpan<int> labels)
    {
        Inputs = inputs;
        Labels = labels;
    }

    /// <summary>The preprocessed samples [rows × features].</summary>
    public ReadOnlyMatrixView Inputs { get; }

    /// <summary>The class of each sample [rows].</summary>
    public ReadOnlySpan<int> Labels { get; }
}
