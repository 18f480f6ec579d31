using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Reference;

namespace Lpom.Simd.Tests.Proximal;

/// <summary>An activation under test beside its reference, behind one non-generic face that works on whole arrays.</summary>
internal abstract class ActivationCase
{
    private static readonly ActivationCase[] Cases =
    [
        new ActivationCase<Identity>(default, ReferenceActivation.Identity),
        new ActivationCase<Relu>(default, ReferenceActivation.Relu),
        new ActivationCase<LeakyRelu>(default, ReferenceActivation.LeakyRelu(LeakyRelu.DefaultSlope)),
        new ActivationCase<Elu>(default, ReferenceActivation.Elu),
        new ActivationCase<Sigmoid>(default, ReferenceActivation.Sigmoid),
        new ActivationCase<Tanh>(default, ReferenceActivation.Tanh),
        new ActivationCase<HardSigmoid>(default, ReferenceActivation.HardSigmoid),
        new ActivationCase<HardTanh>(default, ReferenceActivation.HardTanh),
        new ActivationCase<Softplus>(default, ReferenceActivation.Softplus),
        new ActivationCase<Clip01>(default, ReferenceActivation.Clip01),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Reference.Name)];

    public abstract ReferenceActivation Reference { get; }

    public abstract IProximalActivation Activation { get; }

    public static ActivationCase Of(string name) => Cases.Single(c => c.Reference.Name == name);

    public abstract float[] Phi(SimdWidth width, float[] z);

    public abstract float[] F(SimdWidth width, float[] x);

    public abstract float[] FStar(SimdWidth width, float[] z);

    public abstract float[] Penalty(SimdWidth width, float[] x, float[] z);

    public abstract float[] Derivative(SimdWidth width, float[] z);

    public float Phi(float z) => Phi(SimdWidth.Scalar, [z])[0];

    public float F(float x) => F(SimdWidth.Scalar, [x])[0];

    public float Penalty(float x, float z) => Penalty(SimdWidth.Scalar, [x], [z])[0];

    /// <summary>A point of the domain for any number: the number, clipped.</summary>
    public float InDomain(float x) => Math.Clamp(x, Activation.Lower, Activation.Upper);
}

/// <inheritdoc />
internal sealed class ActivationCase<TAct>(TAct activation, ReferenceActivation reference) : ActivationCase
    where TAct : struct, IProximalActivation
{
    public override ReferenceActivation Reference => reference;

    public override IProximalActivation Activation => activation;

    public override float[] Phi(SimdWidth width, float[] z) => Apply(width, new Activate<TAct>(activation), z);

    public override float[] F(SimdWidth width, float[] x) => Apply(width, new FOperator(activation), x);

    public override float[] FStar(SimdWidth width, float[] z) => Apply(width, new FStarOperator(activation), z);

    public override float[] Penalty(SimdWidth width, float[] x, float[] z)
    {
        float[] result = new float[x.Length];
        using KernelContext context = new(1, width);
        ReadOnlyMatrixView left = new(x, 1, x.Length), right = new(z, 1, z.Length);
        Map.Binary(context, new Penalty<TAct>(activation), left, right, new MatrixView(result, 1, result.Length));
        return result;
    }

    public override float[] Derivative(SimdWidth width, float[] z)
    {
        float[] x = Phi(width, z), result = new float[z.Length];
        result.AsSpan().Fill(1);
        using KernelContext context = new(1, width);
        MatrixView error = new(result, 1, z.Length);
        Map.Ternary(context, new ErrorStep<TAct>(activation), new ReadOnlyMatrixView(x, 1, x.Length), new ReadOnlyMatrixView(z, 1, z.Length), error, error);
        return result;
    }

    private static float[] Apply<TOp>(SimdWidth width, TOp op, float[] x)
        where TOp : struct, IUnaryOperator
    {
        float[] result = new float[x.Length];
        using KernelContext context = new(1, width);
        Map.Unary(context, op, new ReadOnlyMatrixView(x, 1, x.Length), new MatrixView(result, 1, result.Length));
        return result;
    }

    private readonly struct FOperator(TAct activation) : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => activation.F<TW, TV>(x);
    }

    private readonly struct FStarOperator(TAct activation) : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => activation.FStar<TW, TV>(x);
    }
}
