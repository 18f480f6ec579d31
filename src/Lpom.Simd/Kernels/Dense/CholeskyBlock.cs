using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// Factors one block in the L1 cache as UᵀU, U = Lᵀ in scratch: row i of U is row i of A less the earlier rows' multiples, over the
/// root of its first element.
/// </summary>
internal unsafe struct CholeskyBlock(float* a, nint stride, int size, float* scratch) : IKernel
{
    /// <summary>Floats of scratch.</summary>
    public const int ScratchLength = TriangularSolve.BlockSize * Stride;

    // Room for whole groups of four AVX-512 vectors from any vector's start.
    private const int Stride = TriangularSolve.BlockSize + 64 + 16;

    /// <summary>The first bad pivot's index in the block, or −1.</summary>
    public int BadPivot { get; private set; } = -1;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        Transposition.Copy(a, stride, size, size, scratch, Stride);
        for (int i = 0; i < size; i++)
        {
            float* row = scratch + (i * Stride);
            // From a vector's start before the diagonal to the end in groups of four: lanes outside of the triangle are never used.
            int first = i / TW.Lanes * TW.Lanes;
            for (int col = first; col < size; col += 4 * TW.Lanes)
                Substitution.SubtractRows4<TW, TV>(scratch + i, Stride, i, scratch + col, Stride, row + col);
            float pivot = row[i];
            if (!(pivot > 0) || !float.IsFinite(pivot))
            {
                BadPivot = i;
                return;
            }
            TV root = TW.Sqrt(TW.Broadcast(pivot));
            for (int col = first; col < size; col += TW.Lanes) TW.Store(TW.Divide(TW.Load(row + col), root), row + col);
            for (int col = 0; col <= i; col++) a[(i * stride) + col] = scratch[(col * Stride) + i];
        }
    }
}
