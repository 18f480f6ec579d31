namespace Lpom.Simd.Kernels;

/// <summary>The slots of <see cref="KernelContext.Scratch"/> of the kernels; one that calls another uses a slot of its own.</summary>
internal static class ScratchSlot
{
    /// <summary>Packed panels of a product's B.</summary>
    public const int Panels = 0;

    /// <summary>Per worker: packed tiles of a product's A, or a block of its transposed C.</summary>
    public const int Blocks = 1;

    /// <summary>Per worker: the transposed diagonal block of a factorization or a solve from the right.</summary>
    public const int Diagonal = 2;

    /// <summary>Partial sums of a reduction.</summary>
    public const int Partials = 3;

    /// <summary>The identity that a triangular inverse's block starts from.</summary>
    public const int Inverse = 4;

    /// <summary>The number of slots.</summary>
    public const int Count = 5;
}
