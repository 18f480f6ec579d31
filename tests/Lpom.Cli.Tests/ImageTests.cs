using System.Text.Json;
using Lpom.Cli.Tests.Support;
using Lpom.Data;

namespace Lpom.Cli.Tests;

/// <summary>A folder of PNG images: trained on, measured on, and one image predicted.</summary>
public sealed class ImageTests : IDisposable
{
    private const string Model = "model.safetensors", Images = "set";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_trained_evaluated_and_asked_about_an_image()
    {
        WriteSet(side: 4);
        JsonElement[] lines = Train().Json;
        Assert.Equal(1, lines[^1].GetProperty("testAccuracy").GetDouble());
        Assert.Equal(1, Run("eval", Model, "--data", Images, "--json").Json[0].GetProperty("accuracy").GetDouble());
        Assert.Equal("1x4x4", MetadataOf("image"));
        File.WriteAllBytes(_folder["low.png"], Half(4, 4, isLow: true));
        Ran ran = Run("predict", Model, "low.png");
        Assert.Equal(("", "low"), (ran.Errors, Assert.Single(ran.OutputLines).Split('\t')[0]));
        Assert.Equal("low", Run("predict", Model, $"{Images}/low/00.png", "--json").Json[0].GetProperty("class").GetString());
    }

    [Fact]
    public void An_image_comes_through_a_pipe()
    {
        WriteSet(side: 4);
        Train();
        Ran ran = LpomProcess.RunInTerminal(_folder.FullName, null, 80, 24, $"cat {Images}/low/00.png | lpom predict {Model}");
        Assert.StartsWith("low", ran.Output);
    }

    [Fact]
    public void Images_that_do_not_fit_the_model_are_refused()
    {
        WriteSet(side: 4);
        Train();
        File.WriteAllBytes(_folder["large.png"], Half(5, 4, isLow: true));
        Assert.Contains("large.png: has 5x4 pixels; the model takes 4x4", Run("predict", Model, "large.png").AssertBadInput());
        File.WriteAllBytes(_folder["colour.png"], PngWriter.EncodeColour(new byte[48], 4));
        Assert.Contains("colour.png: is a colour image; the model takes grey ones", Run("predict", Model, "colour.png").AssertBadInput());
        File.WriteAllBytes(_folder["cut.png"], Half(4, 4, isLow: true)[..40]);
        Assert.Contains("cut.png: at byte 33: truncated", Run("predict", Model, "cut.png", "--on-error", "skip").AssertBadInput());
        Run("train", "--epochs", "1", "--quiet", "--output", "digits.safetensors");
        File.WriteAllBytes(_folder["digit.png"], Half(8, 8, isLow: true));
        Assert.Contains("digit.png: is an image; the model was not trained on images with values of 0 to 255", Run("predict", "digits.safetensors", "digit.png").AssertBadInput());
    }

    [Fact]
    public void Resizing_is_asked_for_said_and_kept_in_the_model()
    {
        WriteSet(side: 4);
        File.WriteAllBytes(_folder[$"{Images}/high/00.png"], Half(8, 6, isLow: false));
        string line = Run("train", "--data", Images).AssertBadInput();
        Assert.Contains("high/01.png: has 4x4 pixels, but", line);
        Assert.Contains("'--resize 8x6' brings all to one", line);
        Ran ran = Train("--resize", "4x4");
        Assert.Contains("note: 1 of 40 images are resized to 4x4 pixels", ran.Errors);
        Assert.Equal(("1x4x4", "4x4"), (MetadataOf("image"), MetadataOf("resize")));
        Ran measured = Run("eval", Model, "--data", Images, "--json");
        Assert.Equal(1, measured.Json[0].GetProperty("accuracy").GetDouble());
        Assert.Contains("note: 1 of 40 images are resized to 4x4 pixels", measured.Errors);
        File.WriteAllBytes(_folder["low.png"], Half(20, 10, isLow: true));
        Ran answer = Run("predict", Model, "low.png");
        Assert.StartsWith("low", answer.Output);
        Assert.Equal("note: the image is resized to 4x4 pixels", Assert.Single(answer.ErrorLines));
    }

    [Fact]
    public void A_model_of_colour_takes_grey_for_colour_and_says_so()
    {
        WriteSet(side: 4);
        File.WriteAllBytes(_folder[$"{Images}/high/00.png"], PngWriter.EncodeColour([.. Enumerable.Repeat((byte)200, 24), .. new byte[24]], 4));
        Assert.Contains("note: 39 grey images are taken for colour, as the others are", Train().Errors);
        Assert.Equal("3x4x4", MetadataOf("image"));
        Ran answer = Run("predict", Model, $"{Images}/low/00.png");
        Assert.StartsWith("low", answer.Output);
        Assert.Equal("note: 1 grey image is taken for colour, as the model's are", Assert.Single(answer.ErrorLines));
    }

    private string? MetadataOf(string key) => Run("inspect", Model, "--json").Json[0].GetProperty("metadata").GetProperty(key).GetString();

    private Ran Train(params string[] more)
    {
        Ran ran = Run(["train", "--data", Images, "--layers", "8", "--epochs", "30", "--output", Model, "--json", .. more]);
        Assert.Equal(0, ran.ExitCode);
        return ran;
    }

    private Ran Run(params string[] arguments) => LpomProcess.Run(_folder.FullName, arguments);

    /// <summary>20 images each that are bright in their upper and in their lower half.</summary>
    private void WriteSet(int side)
    {
        foreach (string name in (string[])["high", "low"])
        {
            Directory.CreateDirectory(_folder[$"{Images}/{name}"]);
            for (int i = 0; i < 20; i++)
                File.WriteAllBytes(_folder[$"{Images}/{name}/{i:D2}.png"], Half(side, side, name == "low", (byte)(150 + i)));
        }
    }

    private static byte[] Half(int width, int height, bool isLow, byte value = 200)
    {
        byte[] pixels = new byte[width * height];
        pixels.AsSpan(isLow ? pixels.Length / 2 : 0, pixels.Length / 2).Fill(value);
        return PngWriter.Encode(pixels, width);
    }
}
