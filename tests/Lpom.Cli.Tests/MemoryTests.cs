using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

/// <summary>Training where there is little memory: refused before it begins, or done.</summary>
public sealed class MemoryTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--method", "adam", "--epochs", "4", "--average", "0.5")]
    [InlineData("--method", "sgd", "--epochs", "5", "--average", "0.5", "--patience", "3")]
    [InlineData("--method", "lpom", "--epochs", "4")]
    public void What_does_not_fit_is_refused_before_training(params string[] options) =>
        Assert.Contains("GiB of memory", TrainWide(80, options).AssertBadInput());

    [Theory]
    [InlineData("--method", "sgd", "--epochs", "1")]
    [InlineData("--method", "lpom-paper", "--epochs", "1")]
    public void What_fits_is_trained(params string[] options) => Assert.Equal(0, TrainWide(80, options).ExitCode);

    [Theory]
    [InlineData("lpom", "--layers", "128-40000")]
    [InlineData("lpom-paper", "--layers", "47000")]
    public void A_batch_whose_matrices_are_beyond_an_array_is_refused(string method, params string[] options)
    {
        File.WriteAllText(_folder["many.csv"], string.Concat(Enumerable.Repeat("1,a\n2,b\n", 30_000)));
        Assert.StartsWith("lpom: --batch 48000", LpomProcess.Run(_folder.FullName, ["train", "--data", "many.csv", "--batch", "65536", "--method", method, .. options]).AssertBadInput());
    }

    private Ran TrainWide(int mebibytes, string[] options) => Train(mebibytes, ["--layers", "1500-1500", "--batch", "50", .. options]);

    private Ran Train(int mebibytes, string[] options) =>
        LpomProcess.Run(_folder.FullName, ("DOTNET_GCHeapHardLimit", $"{mebibytes << 20:x}"), null, ["train", "--threads", "1", "--quiet", .. options]);
}
