namespace Lpom.Simd.Kernels.Dense;

/// <summary>How a Cholesky factorization ended.</summary>
internal readonly record struct CholeskyResult
{
    private readonly int _failedAt;

    private CholeskyResult(int failedAt) => _failedAt = failedAt;

    /// <summary>The factor is complete.</summary>
    public static CholeskyResult Factored => default;

    /// <summary>Whether the factor is complete.</summary>
    public bool Success => _failedAt == 0;

    /// <summary>
    /// The row of the first pivot that is not a positive finite number, or −1. The leading block before it is positive definite; with
    /// it, the matrix is not (to working precision).
    /// </summary>
    public int BadPivotIndex => _failedAt - 1;

    /// <summary>The factorization stopped at a pivot.</summary>
    public static CholeskyResult BadPivot(int index) => new(index + 1);
}
