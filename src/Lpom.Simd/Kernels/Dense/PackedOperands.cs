namespace Lpom.Simd.Kernels.Dense;

/// <summary>A product with a packed B as its jobs see it: A and C by address, pinned by the caller.</summary>
internal readonly unsafe struct PackedOperands(float* a, nint strideA, int rows, PackedMatrix b, float* c, nint strideC)
{
    /// <summary>A: [Rows × k].</summary>
    public float* A { get; } = a;

    /// <summary>Floats between A's rows.</summary>
    public nint StrideA { get; } = strideA;

    /// <summary>Rows of A and C.</summary>
    public int Rows { get; } = rows;

    /// <summary>B: [k × n].</summary>
    public PackedMatrix B { get; } = b;

    /// <summary>C: [Rows × n].</summary>
    public float* C { get; } = c;

    /// <summary>Floats between C's rows.</summary>
    public nint StrideC { get; } = strideC;
}
