using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training;

/// <summary>
/// A ≈ ZZᵀ, Z [n × r], of a positive definite A that is only ever multiplied: Nyström's approximation on a subspace that follows A's
/// leading eigenvectors. With r = n it is exact.
/// </summary>
/// <remarks>
/// With Q [n × r] orthonormal and Y = AQ: A ≈ Y(QᵀY)⁻¹Yᵀ = ZZᵀ, Z = YL⁻ᵀ, LLᵀ = QᵀY. The next Q spans Z: one step of subspace iteration
/// per approximation. Every factor is of an r × r matrix whose condition is at most A's.
/// </remarks>
internal sealed class NystromFactor
{
    private readonly Matrix _basis;
    private readonly Matrix _image;
    private readonly Matrix _small;
    private bool _isOrthonormal;

    /// <param name="size">n.</param>
    /// <param name="rank">r, at most n.</param>
    public NystromFactor(int size, int rank)
    {
        _basis = new Matrix(size, rank);
        _image = new Matrix(size, rank);
        _small = new Matrix(rank, rank);
        if (rank == size) BeginWithAll();
        else BeginAtRandom();
    }

    /// <summary>n.</summary>
    public int Size => _basis.Rows;

    /// <summary>r.</summary>
    public int Rank => _basis.Cols;

    /// <summary>Q [n × r], orthonormal after <see cref="Orthonormalise"/>.</summary>
    public ReadOnlyMatrixView Basis => _basis.View;

    /// <summary>Where Y = AQ [n × r] is put, and Z after <see cref="Approximate"/>.</summary>
    public MatrixView Image => _image.View;

    public void VisitState(IStateVisitor state)
    {
        state.Visit(_basis.View);
        state.Visit(ref _isOrthonormal);
    }

    /// <summary>Q ← QR⁻¹ with RᵀR = QᵀQ. False when Q has no r directions: A was not finite.</summary>
    public bool Orthonormalise(KernelContext context)
    {
        if (_isOrthonormal) return true;
        Syrk.Gram(context, _basis.View, _small.View, transposed: true);
        _isOrthonormal = DivideByFactor(context, _small.View, _basis.View);
        return _isOrthonormal;
    }

    /// <summary>Y becomes Z, whose span is the next basis. False when QᵀY is not positive definite.</summary>
    public bool Approximate(KernelContext context)
    {
        Gemm.Multiply(context, GemmForm.TN, _basis.View, _image.View, _small.View);
        if (!DivideByFactor(context, _small.View, _image.View)) return false;
        if (Rank == Size) return true;
        _image.View.CopyTo(_basis.View);
        _isOrthonormal = false;
        return true;
    }

    /// <summary>X ← XL⁻ᵀ with LLᵀ = S, of which the lower triangle counts and becomes L. False when S is not positive definite.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="s">S [r × r], overwritten.</param>
    /// <param name="x">X [m × r].</param>
    public static bool DivideByFactor(KernelContext context, MatrixView s, MatrixView x)
    {
        if (!Cholesky.Factor(context, s).Success) return false;
        TriangularSolve.RightLowerTransposed(context, s, x);
        return true;
    }

    private void BeginWithAll()
    {
        for (int i = 0; i < Size; i++) _basis.View[i, i] = 1;
        _isOrthonormal = true;
    }

    // The same subspace for every matrix of a size: it only has to be in general position.
    private void BeginAtRandom()
    {
        var random = new Rng(0, (ulong)Size);
        for (int row = 0; row < Size; row++)
        {
            foreach (ref float value in _basis.View.Row(row)) value = random.NextGaussian();
        }
    }
}
