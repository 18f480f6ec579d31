namespace Lpom.Simd.Kernels.Profile;

/// <summary>
/// Where processor time, threads × wall time, went: shares from 0 to 1. Product, elementwise, waiting and other add up to 1.
/// </summary>
/// <param name="Product">Matrix products and Gram matrices, with packing and epilogues.</param>
/// <param name="Packing">The part of <paramref name="Product"/> that packs operands.</param>
/// <param name="Elementwise">Maps, reductions, softmax.</param>
/// <param name="Waiting">
/// Workers without a part: while the caller works alone, and at a dispatch's ends, where the caller's is the time that it takes to hand
/// out and to wait.
/// </param>
internal readonly record struct WorkShares(double Product, double Packing, double Elementwise, double Waiting)
{
    /// <summary>The rest: substitution, the factorization of diagonal blocks, and the caller's code between jobs, such as copies.</summary>
    public double Other => 1 - Product - Elementwise - Waiting;
}
