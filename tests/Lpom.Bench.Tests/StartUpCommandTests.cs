using Lpom.Bench.StartUp;

namespace Lpom.Bench.Tests;

public sealed class StartUpCommandTests
{
    [Theory]
    [InlineData("--layers", "784-10")]
    [InlineData("--threads", "0")]
    [InlineData("--threads")]
    [InlineData("--unknown", "1")]
    public void A_wrong_option_is_refused(params string[] args) => Assert.Equal(2, StartUpCommand.Run(args));
}
