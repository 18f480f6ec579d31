using Lpom.Bench.Ratios;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Bench.Tests;

public sealed class RatiosOptionsTests
{
    [Fact]
    public void Everything_is_measured_once_on_one_thread_unless_told_otherwise()
    {
        RatiosOptions options = RatiosOptions.Parse([])!;
        Assert.Equal((1, SimdLevel.Current, 1), (options.Threads, options.Width, options.Repeat));
        Assert.Equal(["gemm", "gemv", "syrk", "potrf", "trsm", "tanh", "sigmoid", "exp"], options.Operations);
    }

    [Fact]
    public void Operations_are_a_list_with_commas()
    {
        RatiosOptions options = RatiosOptions.Parse(["--op", "gemv,tanh", "--repeat", "3", "--threads", "2", "--simd", "256"])!;
        Assert.Equal(["gemv", "tanh"], options.Operations);
        Assert.Equal((2, SimdWidth.Bits256, 3), (options.Threads, options.Width, options.Repeat));
    }

    [Theory]
    [InlineData("--op", "gemv,nothing")]
    [InlineData("--op", "")]
    [InlineData("--repeat", "0")]
    [InlineData("--threads", "65")]
    [InlineData("--simd", "64")]
    [InlineData("--unknown", "1")]
    [InlineData("--threads")]
    public void A_wrong_option_is_refused(params string[] args) => Assert.Null(RatiosOptions.Parse(args));
}
