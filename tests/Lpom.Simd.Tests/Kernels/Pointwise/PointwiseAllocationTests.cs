using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Pointwise;

[Collection(Allocations.Collection)]
public sealed class PointwiseAllocationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_warm_call_allocates_nothing(int threads)
    {
        using KernelContext context = new(threads);
        Matrix x = new(300, 250), y = new(300, 250), z = new(300, 250);
        double sink = 0;
        Allocations.AssertNone(() =>
        {
            Map.Unary(context, new Activate<Tanh>(default), x.View, y.View);
            Map.Binary(context, new Residual<Relu>(default), x.View, y.View, z.View);
            Map.TernaryPair(context, new AveragedUpdate<Sigmoid>(default, 0.5f, 1f), x.View, y.View, z.View, x.View, y.View);
            Softmax.MinusTargets(context, x.View, y.View, 0.1f, z.View);
            sink += Reduce.Dot(context, x.View, y.View) + Reduce.MaxAbs(context, z.View) + Softmax.CrossEntropy(context, x.View, y.View);
            sink += Reduce.Sum(context, new Penalty<Tanh>(default), x.View, y.View) + (Reduce.AllFinite(context, x.View) ? 1 : 0);
        });
        Assert.False(double.IsNaN(sink));
    }
}
