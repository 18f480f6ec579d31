using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Training;

namespace Lpom.Simd.Tests.Training;

public class LayerSharesTests
{
    private const long Large = GemmBlocking.TeamThreshold;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    public void Small_layers_are_done_at_once_whatever_the_workers(int workers)
    {
        LayerShares shares = LayerShares.Of([5, 5, 5, 5, 7], workers);
        Assert.Empty(shares.Split);
        Assert.Equal([0, 1, 2, 3, 4], shares.Whole.Order());
    }

    [Fact]
    public void A_layer_above_a_worker_s_share_is_split()
    {
        LayerShares shares = LayerShares.Of([20 * Large, 2 * Large, Large, Large, 8 * Large], 2);
        Assert.Equal([4, 0], shares.Split);
        Assert.Equal([1, 2, 3], shares.Whole.Order());
    }

    [Fact]
    public void Without_workers_of_whole_layers_all_are_split_from_the_top()
    {
        LayerShares shares = LayerShares.Of([3, 1, 2], workers: 0);
        Assert.Equal([2, 1, 0], shares.Split);
        Assert.Empty(shares.Whole);
    }

    [Fact]
    public void Large_layers_come_to_different_workers()
    {
        LayerShares shares = LayerShares.Of([9, 1, 1, 1, 9, 1, 1, 1], 2);
        Assert.Equal([9, 9], shares.Whole.Chunk(4).Select(share => share.Max(layer => layer is 0 or 4 ? 9 : 1)));
    }
}
