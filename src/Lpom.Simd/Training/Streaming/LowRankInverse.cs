using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training.Streaming;

/// <summary>
/// (A + λI)⁻¹ ≈ (I − BBᵀ)/λ with B [n × r], from A ≈ ZZᵀ on a subspace that follows its leading eigenvectors (<see cref="NystromFactor"/>).
/// With λ a part of the trace, few eigenvalues are above it, and in all other directions the inverse is 1/λ but for e/λ.
/// </summary>
/// <remarks>By Woodbury (ZZᵀ + λI)⁻¹ = (I − Z(λI + ZᵀZ)⁻¹Zᵀ)/λ: B = ZL⁻ᵀ with LLᵀ = λI + ZᵀZ.</remarks>
internal sealed class LowRankInverse(int size) : DampedInverse
{
    /// <summary>r.</summary>
    public const int Rank = 128;

    // Relative to λ: directions of A that small are lost in rounding, and count as this.
    private const float Floor = 1e-2f;

    // A first subspace is random: some steps of iteration bring it to the leading eigenvectors.
    private const int FirstIterations = 2;

    private readonly NystromFactor _gram = new(size, Rank);
    private readonly Matrix _small = new(Rank, Rank);
    private readonly Matrix _factor = new(size, Rank);
    private Matrix? _product;
    private float _lambda;
    private bool _isFirst = true;

    public override void VisitState(IStateVisitor state)
    {
        _gram.VisitState(state);
        state.Visit(_factor.View);
        state.Visit(ref _lambda);
        state.Visit(ref _isFirst);
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
            if (!Approximate(context, gram)) return false;
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

    private bool Approximate(KernelContext context, ReadOnlyMatrixView gram)
    {
        if (!_gram.Orthonormalise(context)) return false;
        Gemm.Multiply(context, GemmForm.NN, gram, _gram.Basis, _gram.Image);
        return _gram.Approximate(context);
    }

    private bool FactorDamped(KernelContext context)
    {
        _gram.Image.CopyTo(_factor.View);
        Syrk.Gram(context, _gram.Image, _small.View, transposed: true);
        for (int i = 0; i < Rank; i++) _small.View[i, i] += _lambda;
        return NystromFactor.DivideByFactor(context, _small.View, _factor.View);
    }
}
