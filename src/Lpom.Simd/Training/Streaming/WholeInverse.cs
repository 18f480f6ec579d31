using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training.Streaming;

/// <summary>(A + λI)⁻¹ itself, by Cholesky.</summary>
internal sealed class WholeInverse(int size) : DampedInverse
{
    private readonly Matrix _inverse = new(size, size);

    public override void VisitState(IStateVisitor state) => state.Visit(_inverse.View);

    public override bool Refresh(KernelContext context, MatrixView gram, float lambda)
    {
        for (int i = 0; i < size; i++) gram[i, i] += lambda;
        if (!Cholesky.Factor(context, gram).Success) return false;
        Cholesky.Invert(context, gram, _inverse.View);
        return true;
    }

    public override void Apply(KernelContext context, ReadOnlyMatrixView x, MatrixView result) =>
        Gemm.Multiply(context, GemmForm.NN, x, _inverse.View, result);
}
