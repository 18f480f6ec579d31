using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Reference;

namespace Lpom.Simd.Tests.Proximal;

public sealed class LeakyReluTests
{
    [Theory]
    [InlineData(0f)]
    [InlineData(-0.1f)]
    [InlineData(1.0001f)]
    [InlineData(float.NaN)]
    public void A_slope_outside_of_its_range_is_refused(float slope) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LeakyRelu(slope));

    [Fact]
    public void Without_a_slope_it_has_the_default()
    {
        Assert.Equal(LeakyRelu.DefaultSlope, default(LeakyRelu).Slope);
        Assert.Equal(LeakyRelu.DefaultSlope, new LeakyRelu().Slope);
    }

    [Theory]
    [InlineData(0.3f)]
    [InlineData(1f)]
    public void Its_slope_enters_phi_F_and_FStar(float slope)
    {
        ActivationCase<LeakyRelu> c = new(new LeakyRelu(slope), ReferenceActivation.LeakyRelu(slope));
        Assert.Equal(-2 * slope, c.Phi(-2f), 1e-7);
        Assert.Equal(c.Reference.F(-2), c.F(-2f), 1e-5);
        Assert.Equal(c.Reference.FStar(-2), c.FStar(SimdWidth.Scalar, [-2f])[0], 1e-6);
        Assert.Equal(0f, c.Penalty(c.Phi(-2f), -2f), 1e-6);
    }

    [Theory]
    [InlineData(0.3f, "leaky-relu-0.3")]
    [InlineData(0.000015f, "leaky-relu-1.5e-05")]
    [InlineData(0.01f, "leaky-relu")]
    public void A_slope_is_read_back_from_the_name(float slope, string name)
    {
        Assert.Equal(name, Activation.Of(new LeakyRelu(slope)).Name);
        Assert.True(Activation.TryGet(name, out Activation? read));
        Assert.Equal(-slope, read.Apply(-1));
    }

    [Theory]
    [InlineData("leaky-relu-")]
    [InlineData("leaky-relu-0")]
    [InlineData("leaky-relu-2")]
    [InlineData("leaky-relu-nan")]
    [InlineData("leaky-relu-0.30")]
    [InlineData("leaky-relu-0.01")]
    public void Another_name_is_none(string name) => Assert.False(Activation.TryGet(name, out _));
}
