namespace Lpom.Simd.Kernels.Dense;

/// <summary>Which stored operand of a product C [m × n] is transposed. All operands are row-major.</summary>
internal enum GemmForm
{
    /// <summary>C = A·B with A [m × k], B [k × n].</summary>
    NN,

    /// <summary>C = A·Bᵀ with A [m × k], B [n × k].</summary>
    NT,

    /// <summary>C = Aᵀ·B with A [k × m], B [k × n].</summary>
    TN,
}
