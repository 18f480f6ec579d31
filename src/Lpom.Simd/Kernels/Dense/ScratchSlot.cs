namespace Lpom.Simd.Kernels.Dense;

/// <summary>The slots of <see cref="KernelContext.Scratch"/> that the dense kernels use; one kernel may call the next in this list.</summary>
internal static class ScratchSlot
{
    /// <summary>Packed panels of a product's B.</summary>
    public const int Panels = 0;

    /// <summary>Per worker: packed tiles of a product's A, or a block of its transposed C.</summary>
    public const int Blocks = 1;

    /// <summary>Per worker: the transposed diagonal block of a factorization or a solve from the right.</summary>
    public const int Diagonal = 2;
}
