using Lpom.Bench.Soak;

namespace Lpom.Bench.Tests;

public sealed class SoakCommandTests
{
    [Fact]
    public void A_short_soak_passes() => Assert.Equal(0, SoakCommand.Run(["--minutes", "0.05", "--seed", "3"]));

    [Theory]
    [InlineData("--minutes", "0")]
    [InlineData("--minutes")]
    [InlineData("--seed", "-1")]
    [InlineData("--unknown", "1")]
    public void A_wrong_option_is_refused(params string[] args) => Assert.Equal(2, SoakCommand.Run(args));
}
