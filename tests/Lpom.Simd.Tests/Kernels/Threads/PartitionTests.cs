using FsCheck.Fluent;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Threads;

public sealed class PartitionTests
{
    [Fact]
    public void Parts_follow_each_other_end_on_grains_and_are_even() => Properties.Hold(
        Arb.From(
            from total in Gen.OneOf(Gen.Choose(0, 300), Gen.Choose(0, int.MaxValue))
            from grain in Gen.Choose(1, 100)
            from workers in Gen.Choose(1, 64)
            select (total, grain, workers)),
        c =>
        {
            int next = 0, least = int.MaxValue, most = 0;
            for (int worker = 0; worker < c.workers; worker++)
            {
                (int start, int end) = Partition.Range(c.total, c.grain, worker, c.workers);
                Assert.Equal(next, start);
                Assert.InRange(end, start, c.total);
                Assert.True(end == c.total || end % c.grain == 0);
                int grains = (int)((end - (long)start + c.grain - 1) / c.grain);
                (least, most, next) = (Math.Min(least, grains), Math.Max(most, grains), end);
            }
            Assert.Equal(c.total, next);
            Assert.InRange(most - least, 0, 1);
        },
        500);
}
