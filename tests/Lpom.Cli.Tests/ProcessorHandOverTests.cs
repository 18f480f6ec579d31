namespace Lpom.Cli.Tests;

public sealed class ProcessorHandOverTests
{
    private static readonly ProcessorFeatures Capable = new(HasV4: true, ImageIsV4: false, IsNative: true);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("512")]
    public void A_capable_processor_gets_the_sibling(string? simd) =>
        Assert.Equal("/opt/lpom/lpom-v4", Target(Capable, simd: simd));

    [Theory]
    [InlineData("256")]
    [InlineData("128")]
    [InlineData("1")]
    public void A_narrower_width_stays(string simd) => Assert.Null(Target(Capable, simd: simd));

    [Fact]
    public void Other_images_and_processors_stay()
    {
        Assert.Null(Target(Capable with { HasV4 = false }));
        Assert.Null(Target(Capable with { ImageIsV4 = true }));
        Assert.Null(Target(Capable with { IsNative = false }));
    }

    [Fact]
    public void It_happens_once() => Assert.Null(Target(Capable, guard: "1"));

    [Fact]
    public void Without_a_sibling_it_stays()
    {
        Assert.Null(Target(Capable, exists: false));
        Assert.Null(ProcessorHandOver.Target(Capable, self: null, _ => true, _ => null));
    }

    [Fact]
    public void This_process_is_not_native_and_stays() => Assert.False(ProcessorFeatures.Current.IsNative);

    private static string? Target(ProcessorFeatures features, bool exists = true, string? simd = null, string? guard = null) =>
        ProcessorHandOver.Target(features, "/opt/lpom/lpom", _ => exists, name => name switch
        {
            "LPOM_SIMD" => simd,
            ProcessorHandOver.GuardVariable => guard,
            _ => null,
        });
}
