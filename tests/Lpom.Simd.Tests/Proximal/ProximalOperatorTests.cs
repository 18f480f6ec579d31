using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Proximal;

public sealed class ProximalOperatorTests
{
    [Fact]
    public void Small_f_and_g_make_up_the_penalty() => Properties.Hold(Arbitraries.Pair(6f), pair =>
    {
        (float x, float z) = (Math.Clamp(pair.A, -1f, 1f), pair.B);
        float objective = ProximalOperator.Objective<Tanh, WidthScalar, float>(default, x, z);
        float g = ProximalOperator.SmallG<Tanh, WidthScalar, float>(default, z);
        float penalty = ProximalOperator.Penalty<Tanh, WidthScalar, float>(default, x, z);
        Assert.Equal(penalty, objective + g, 2e-6 * (1 + (z * z)));
    });

    [Fact]
    public void Projections_have_no_small_f()
    {
        Assert.Equal(0f, ProximalOperator.SmallF<HardTanh, WidthScalar, float>(default, 0.7f));
        Assert.Equal(0f, ProximalOperator.SmallF<Relu, WidthScalar, float>(default, 3f));
        Assert.Equal(float.PositiveInfinity, ProximalOperator.SmallF<Relu, WidthScalar, float>(default, -0.1f));
    }

    [Fact]
    public void Outside_of_the_domain_the_penalty_is_infinite() =>
        Assert.Equal(float.PositiveInfinity, ProximalOperator.Penalty<Sigmoid, WidthScalar, float>(default, 1.5f, 3f));
}
