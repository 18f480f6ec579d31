using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Random;

namespace Lpom.Simd.Training.Streaming;

/// <summary>
/// (A + λI)⁻¹ ≈ (I − BBᵀ)/λ with B [n × r], from the Nyström approximation of A on a subspace that follows its leading eigenvectors.
/// With λ a part of the trace, few eigenvalues are above it, and in all other directions the inverse is 1/λ but for e/λ.
/// </summary>
/// <remarks>
/// With Q [n × r] orthonormal and Y = AQ: A ≈ Y(QᵀY)⁻¹Yᵀ = ZZᵀ, Z = YL⁻ᵀ, LLᵀ = QᵀY; by Woodbury (ZZᵀ + λI)⁻¹ = (I − Z(λI + ZᵀZ)⁻¹Zᵀ)/λ.
/// The next Q spans Z: one step of subspace iteration per refresh. Q, L and the rest are factors of r × r matrices whose condition is
/// at most that of A above the floor, which float32 has the digits for.
/// </remarks>
internal sealed class LowRankInverse : DampedInverse
{
    /// <summary>r.</summary>
    public const int Rank = 128;

    // Relative to λ: directions of A that small are lost in rounding, and count as this.
    private const float Floor = 1e-2f;

    // A first subspace is random: some steps of iteration bring it to the leading eigenvectors.
    private const int FirstIterations = 2;

    private readonly Matrix _basis;
    private readonly Matrix _image;
    private readonly Matrix _small;
    private readonly Matrix _factor;
    private Matrix? _product;
    private float _lambda;
    private bool _isFirst = true;

    public LowRankInverse(int size)
    {
        _basis = new Matrix(size, Rank);
        _image = new Matrix(size, Rank);
        _factor = new Matrix(size, Rank);
        _small = new Matrix(Rank, Rank);
        // The same subspace for every layer of a size and every run: it only has to be in general position.
        var random = new Rng(0, (ulong)size);
        for (int row = 0; row < size; row++)
        {
            foreach (ref float value in _basis.View.Row(row)) value = random.NextGaussian();
        }
    }

    public override void Reserve(int rows) => _product = new Matrix(rows, Rank);

    public override bool Refresh(KernelContext context, MatrixView gram, float lambda)
    {
        Mirror(gram);
        // A + νI keeps the small directions of the subspace positive definite; ν is taken off the damping again.
        float floor = Floor * lambda;
        for (int i = 0; i < gram.Rows; i++) gram[i, i] += floor;
        _lambda = lambda - floor;
        int iterations = _isFirst ? FirstIterations : 1;
        _isFirst = false;
        for (int i = 0; i < iterations; i++)
        {
            if (!Orthonormalise(context) || !Approximate(context, gram)) return false;
        }
        return FactorDamped(context);
    }

    public override void Apply(KernelContext context, ReadOnlyMatrixView x, MatrixView result)
    {
        MatrixView product = _product!.Top(x.Rows);
        Gemm.Multiply(context, GemmForm.NN, x, _factor.View, product);
        Map.Unary(context, new Affine(1 / _lambda, 0), x, result);
        Gemm.Multiply(context, GemmForm.NT, product, _factor.View, result, -1 / _lambda, accumulate: true);
    }

    // Blocks that stay in the L1 cache, or every element above the diagonal would be a miss.
    private static void Mirror(MatrixView a)
    {
        const int block = 32;
        for (int top = 0; top < a.Rows; top += block)
        {
            for (int left = 0; left <= top; left += block)
            {
                for (int row = top; row < Math.Min(top + block, a.Rows); row++)
                {
                    ReadOnlySpan<float> from = a.Row(row);
                    int end = Math.Min(left + block, row);
                    for (int col = left; col < end; col++) a[col, row] = from[col];
                }
            }
        }
    }

    // Q ← QR⁻¹ with RᵀR = QᵀQ.
    private bool Orthonormalise(KernelContext context)
    {
        Syrk.Gram(context, _basis.View, _small.View, transposed: true);
        return DivideByFactor(context, _basis.View);
    }

    // Y = AQ, Z = YL⁻ᵀ with LLᵀ = QᵀY; Z is the next basis too.
    private bool Approximate(KernelContext context, ReadOnlyMatrixView gram)
    {
        Gemm.Multiply(context, GemmForm.NN, gram, _basis.View, _image.View);
        Gemm.Multiply(context, GemmForm.TN, _basis.View, _image.View, _small.View);
        if (!DivideByFactor(context, _image.View)) return false;
        _image.View.CopyTo(_basis.View);
        return true;
    }

    // B = ZL⁻ᵀ with LLᵀ = λI + ZᵀZ.
    private bool FactorDamped(KernelContext context)
    {
        _image.View.CopyTo(_factor.View);
        Syrk.Gram(context, _image.View, _small.View, transposed: true);
        for (int i = 0; i < Rank; i++) _small.View[i, i] += _lambda;
        return DivideByFactor(context, _factor.View);
    }

    // X ← XL⁻ᵀ with LLᵀ the small matrix, of which the lower triangle counts.
    private bool DivideByFactor(KernelContext context, MatrixView x)
    {
        if (!Cholesky.Factor(context, _small.View).Success) return false;
        TriangularSolve.RightLowerTransposed(context, _small.View, x);
        return true;
    }
}
