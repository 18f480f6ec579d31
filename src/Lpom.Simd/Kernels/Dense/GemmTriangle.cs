namespace Lpom.Simd.Kernels.Dense;

/// <summary>What of a product's C is wanted.</summary>
internal enum GemmTriangle
{
    /// <summary>All of it.</summary>
    Full,

    /// <summary>
    /// Elements on and under the diagonal. Tiles that lie above it are skipped; those that cross it are written whole, which leaves
    /// elements above the diagonal unspecified.
    /// </summary>
    Lower,

    /// <summary>The lower triangle of a symmetric product, copied to the upper as soon as its last terms are added.</summary>
    Mirrored,
}
