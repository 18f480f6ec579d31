using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training.Streaming;

/// <summary>
/// The running Gram matrix A of a layer's input, A ← A + max(1/count, rate)(HᵀH/m − A), and (A + λI)⁻¹ of some steps ago: the metric of
/// the weight solve (8).
/// </summary>
internal sealed class RunningGram
{
    // A is kept as a matrix times a factor, so that forgetting costs no pass over memory; this far down the factor is multiplied in.
    private const double LeastFactor = 1e-4;

    private readonly Matrix _gram;
    private double _factor = 1;
    private int _count;

    /// <param name="size">n: the layer's inputs and the constant one.</param>
    public RunningGram(int size)
    {
        _gram = new Matrix(size, size);
        Inverse = DampedInverse.Of(size);
    }

    /// <summary>n.</summary>
    public int Size => _gram.Rows;

    /// <summary>(A + λI)⁻¹ of the last <see cref="Refresh"/>.</summary>
    public DampedInverse Inverse { get; }

    public void VisitState(IStateVisitor state)
    {
        state.Visit(_gram.View);
        state.Visit(ref _factor);
        state.Visit(ref _count);
        Inverse.VisitState(state);
    }

    /// <summary>Takes in a batch H [m × n].</summary>
    public void Add(KernelContext context, ReadOnlyMatrixView h, float rate)
    {
        double weight = Math.Max(1.0 / ++_count, rate);
        if (_count > 1) _factor *= 1 - weight;
        if (_factor < LeastFactor) MultiplyIn(context);
        Syrk.UpdateLower(context, h, _gram.View, (float)(weight / (_factor * h.Rows)), transposed: true);
    }

    /// <summary>Makes the inverse anew. False, and the inverse is unusable, when A + λI is not positive definite: A is not finite.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="damping">λ relative to A's trace.</param>
    /// <param name="scratch">[n × n], overwritten.</param>
    public bool Refresh(KernelContext context, float damping, MatrixView scratch)
    {
        MatrixView gram = _gram.View;
        Map.Unary(context, new Affine((float)_factor, 0), gram, scratch);
        double trace = 0;
        for (int i = 0; i < Size; i++) trace += scratch[i, i];
        return Inverse.Refresh(context, scratch, (float)(damping * trace));
    }

    private void MultiplyIn(KernelContext context)
    {
        Map.Unary(context, new Affine((float)_factor, 0), _gram.View, _gram.View);
        _factor = 1;
    }
}
