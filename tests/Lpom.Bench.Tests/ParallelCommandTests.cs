using Lpom.Bench.Parallel;

namespace Lpom.Bench.Tests;

public sealed class ParallelCommandTests
{
    [Theory]
    [InlineData("--layers", "0")]
    [InlineData("--width", "wide")]
    [InlineData("--activation", "step")]
    [InlineData("--threads")]
    [InlineData("--unknown", "1")]
    public void A_wrong_option_is_refused(params string[] args) => Assert.Equal(2, ParallelCommand.Run(args));

    [Fact]
    public void It_measures() => Assert.Equal(0, ParallelCommand.Run(["--layers", "2", "--width", "8", "--batch", "9", "--threads", "2", "--rounds", "1", "--activation", "sigmoid"]));
}
