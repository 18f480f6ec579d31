namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// A product as the micro-kernel sees it: rows of A broadcast against panels of B, whatever the form. C [M × N] ← α·A·B (+ C).
/// </summary>
internal unsafe struct GemmProblem
{
    /// <summary>Rows of C.</summary>
    public int M;

    /// <summary>Columns of C.</summary>
    public int N;

    /// <summary>Terms of each element's sum.</summary>
    public int K;

    /// <summary>A's first element; row i, term p stands at i · RowStepA + p · DepthStepA, and one of the steps is 1.</summary>
    public float* A;

    /// <summary>Floats between A's rows.</summary>
    public nint RowStepA;

    /// <summary>Floats between A's terms.</summary>
    public nint DepthStepA;

    /// <summary>B's first element: [K × N], or [N × K] when <see cref="TransposedB"/>.</summary>
    public float* B;

    /// <summary>Floats between B's stored rows.</summary>
    public nint StrideB;

    /// <summary>Whether B is stored as [N × K].</summary>
    public bool TransposedB;

    /// <summary>C's first element: [M × N], or [N × M] when <see cref="TransposedC"/>.</summary>
    public float* C;

    /// <summary>Floats between C's stored rows.</summary>
    public nint StrideC;

    /// <summary>Whether C is stored as [N × M].</summary>
    public bool TransposedC;

    /// <summary>α.</summary>
    public float Alpha;

    /// <summary>Whether to add to C; else C is only written.</summary>
    public bool Accumulate;

    /// <summary>What of C is wanted.</summary>
    public GemmTriangle Triangle;

    /// <summary>Whether tiles above C's diagonal are skipped.</summary>
    public readonly bool LowerOnly => Triangle != GemmTriangle.Full;

    /// <summary>Multiply-adds of the product.</summary>
    public readonly long Work => Flops / 2;

    /// <summary>Floating-point operations of the product; of a triangle, half of the whole.</summary>
    public readonly long Flops => (long)M * N * K * (LowerOnly ? 1 : 2);

    /// <summary>
    /// The transposed product Cᵀ = B·Aᵀ in the place of C = A·Bᵀ: B's rows are read in place, and the smaller A is packed.
    /// </summary>
    public readonly GemmProblem Swapped() => this with
    {
        M = N,
        N = M,
        A = B,
        RowStepA = StrideB,
        B = A,
        StrideB = RowStepA,
        TransposedC = true,
    };
}
