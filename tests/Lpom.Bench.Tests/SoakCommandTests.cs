using System.Diagnostics;
using Lpom.Bench.Soak;

namespace Lpom.Bench.Tests;

public sealed class SoakCommandTests
{
    // In a process of its own: a soak measures its process's memory and threads, which other tests change here.
    [Fact]
    public void A_short_soak_passes()
    {
        using var soak = Process.Start("dotnet", [typeof(SoakCommand).Assembly.Location, "soak", "--minutes", "0.05", "--seed", "3"]);
        soak.WaitForExit();
        Assert.Equal(0, soak.ExitCode);
    }

    [Theory]
    [InlineData("--minutes", "0")]
    [InlineData("--minutes")]
    [InlineData("--seed", "-1")]
    [InlineData("--unknown", "1")]
    public void A_wrong_option_is_refused(params string[] args) => Assert.Equal(2, SoakCommand.Run(args));
}
