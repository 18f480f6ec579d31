using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>The run-time face of one activation struct.</summary>
/// <param name="activation">The struct.</param>
/// <param name="name">Its name, which a struct may put together each time.</param>
internal sealed class Activation<TAct>(TAct activation, string name) : Activation
    where TAct : struct, IProximalActivation
{
    /// <summary>The struct.</summary>
    public TAct Struct => activation;

    /// <inheritdoc />
    public override string Name => name;

    /// <inheritdoc />
    public override float Lipschitz => activation.Lipschitz;

    /// <inheritdoc />
    public override float Lower => activation.Lower;

    /// <inheritdoc />
    public override float Upper => activation.Upper;

    internal override float Apply(float z) => activation.Phi<WidthScalar, float>(z);

    internal override void Apply(KernelContext context, ReadOnlyMatrixView z, MatrixView x) =>
        Map.Unary(context, new Activate<TAct>(activation), z, x);

    internal override void Forward(KernelContext context, ReadOnlyMatrixView x, ReadOnlyMatrixView weights, ReadOnlySpan<float> bias, MatrixView result)
    {
        var activate = new Activate<TAct>(activation);
        if (bias.IsEmpty) Gemm.Multiply(context, GemmForm.NT, x, weights, result, new UnaryEpilogue<Activate<TAct>>(activate));
        else BiasEpilogue<Activate<TAct>>.Multiply(context, x, weights, result, activate, bias);
    }

    internal override void Forward(KernelContext context, ReadOnlyMatrixView x, PackedMatrix weights, ReadOnlySpan<float> bias, MatrixView result)
    {
        var activate = new Activate<TAct>(activation);
        if (bias.IsEmpty) PackedProduct.Multiply(context, x, weights, result, new UnaryEpilogue<Activate<TAct>>(activate));
        else BiasEpilogue<Activate<TAct>>.Multiply(context, x, weights, result, activate, bias);
    }

    internal override void Residual(KernelContext context, ReadOnlyMatrixView z, ReadOnlyMatrixView target, MatrixView result) =>
        Map.Binary(context, new Residual<TAct>(activation), z, target, result);

    internal override void GuardedUpdate(
        KernelContext context, ReadOnlyMatrixView previous, ReadOnlyMatrixView a, ReadOnlyMatrixView b, float r, float theta, MatrixView u, MatrixView x) =>
        Map.TernaryPair(context, new AveragedUpdate<TAct>(activation, theta, r), previous, a, b, u, x);

    internal override void OutputUpdate(
        KernelContext context, ReadOnlyMatrixView a, ReadOnlyMatrixView g, ReadOnlyMatrixView targets, float s, MatrixView x) =>
        Map.Ternary(context, new OutputStep<TAct>(activation, s), a, g, targets, x);

    internal override void Deviation(
        KernelContext context, ReadOnlyMatrixView x, ReadOnlyMatrixView z, ReadOnlyMatrixView b, float r, MatrixView result) =>
        Map.Ternary(context, new DeviationStep<TAct>(activation, r), x, z, b, result);

    internal override void BackPropagate(KernelContext context, ReadOnlyMatrixView x, ReadOnlyMatrixView z, ReadOnlyMatrixView error, MatrixView result) =>
        Map.Ternary(context, new ErrorStep<TAct>(activation), x, z, error, result);

    internal override double Penalty(KernelContext context, ReadOnlyMatrixView x, ReadOnlyMatrixView z) =>
        Reduce.Sum(context, new Penalty<TAct>(activation), x, z);
}
