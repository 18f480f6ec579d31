using Lpom.Data.Tests.Support;

namespace Lpom.Data.Tests;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Classes_and_files_are_in_order_and_the_test_part_is_by_rule()
    {
        foreach (int value in (int[])[10, 2, 1])
        {
            for (int i = 0; i < 5; i++)
                Put($"set/class {value}/{i}.png", PngBytes.Grey(3, 2, (byte)((10 * value) + i)));
        }

        Put("set/README", []);
        Put("set/licence.txt", []);
        Put("set/.hidden/a.gif", []);
        Put("set/class 1/.DS_Store", []);
        Dataset data = Load();
        Assert.Equal(("set", 15, 12, 3, 6), (data.Name, data.All.Rows, data.Train.Rows, data.Test.Rows, data.Features));
        Assert.Equal(["class 1", "class 10", "class 2"], data.ClassNames);
        Assert.Equal((new ImageShape(1, 2, 3), StratifiedSplit.Rule), (data.Shape!.Value, data.SplitRule));
        Assert.Equal([10, 11, 12, 13, 14, 100, 101, 102, 103, 104, 20, 21, 22, 23, 24], FirstPixels(data));
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2], Enumerable.Range(0, 15).Select(data.All.Label));
        Assert.Equal(1f / 255f, data.Preprocessing.Scales.Span[0]);
        Assert.Empty(data.Notes);
    }

    [Fact]
    public void Classes_that_are_numbers_are_in_numerical_order()
    {
        foreach (string name in (string[])["10", "9", "-1"])
            Put($"set/{name}/a.PNG", PngBytes.Grey(1, 1, 5));
        Assert.Equal(["-1", "9", "10"], Load().ClassNames);
    }

    [Fact]
    public void A_test_part_of_its_own()
    {
        Put("set/train/a/1.png", PngBytes.Grey(2, 2, 1));
        Put("set/train/b/1.png", PngBytes.Grey(2, 2, 2));
        Put("set/test/b/1.png", PngBytes.Grey(2, 2, 3));
        Dataset data = Load();
        Assert.Equal((2, 1, null), (data.Train.Rows, data.Test.Rows, data.SplitRule));
        Assert.Equal(1, data.Test.Label(0));
        Put("set/test/c/1.png", PngBytes.Grey(2, 2, 3));
        AssertError("set/test/c: class 'c' is unknown; expected one of 2: a, b.");
        Directory.Delete(At("set/test"), recursive: true);
        Assert.Equal(StratifiedSplit.Rule, Load().SplitRule);
        Put("set/valid/a/1.png", PngBytes.Grey(2, 2, 3));
        AssertError("set/valid: is beside train or test; expected these two alone.");
        Directory.Delete(At("set/valid"), recursive: true);
        Directory.Move(At("set/train"), At("set/test"));
        AssertError("set: has a folder test, but no train.");
    }

    [Fact]
    public void Classes_may_be_called_train_and_test()
    {
        Put("set/train/1.png", PngBytes.Grey(2, 2, 1));
        Put("set/car/1.png", PngBytes.Grey(2, 2, 1));
        Assert.Equal(["car", "train"], Load().ClassNames);
    }

    [Fact]
    public void Colour_is_planes_less_their_means_over_the_training_part()
    {
        for (int i = 0; i < 5; i++)
        {
            Put($"set/a/{i}.png", PngBytes.Colour(2, 1, 10, 20, (byte)(i == 4 ? 255 : 30)));
            Put($"set/b/{i}.png", PngBytes.Colour(2, 1, 30, 20, (byte)(i == 4 ? 255 : 30)));
        }

        Dataset data = Load();
        Assert.Equal(new ImageShape(3, 1, 2), data.Shape);
        Assert.Equal([20f / 255f, 20f / 255f, 30f / 255f], data.Preprocessing.Offsets.ToArray());
        float[] row = new float[6];
        data.WithPreprocessing(Preprocessing.Identity).All.CopyInputs(5, 1, row, 6);
        Assert.Equal([30, 30, 20, 20, 30, 30], row);
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public void Grey_images_among_colour_ones_become_colour_and_a_note_says_so(string grey, string colour)
    {
        Put($"set/{grey}/1.png", PngBytes.Grey(2, 1, 9));
        Put($"set/{colour}/1.png", PngBytes.Colour(2, 1, 1, 2, 3));
        Dataset data = Load();
        Assert.Equal(new ImageShape(3, 1, 2), data.Shape);
        Assert.Equal(["1 grey image is taken for colour, as the others are"], data.Notes);
        float[] rows = new float[12];
        data.WithPreprocessing(Preprocessing.Identity).All.CopyInputs(0, 2, rows, 6);
        float[] greyRow = [9, 9, 9, 9, 9, 9], colourRow = [1, 1, 2, 2, 3, 3];
        Assert.Equal(grey == "a" ? [.. greyRow, .. colourRow] : [.. colourRow, .. greyRow], rows);
    }

    [Fact]
    public void Images_of_several_sizes_are_resized_when_that_is_asked_for_and_never_otherwise()
    {
        Put("set/a/1.png", PngBytes.Grey(4, 2, 8));
        Put("set/b/1.png", PngBytes.Grey(2, 2, 9));
        AssertError($"set/b/1.png: has 2x2 pixels, but {At("set/a/1.png")} has 4x2; expected one size. '--resize 4x2' brings all to one.");
        Dataset data = NamedData.Load(At("set"), null, new DataRequest { Resize = new ImageSize(4, 2) });
        Assert.Equal((new ImageShape(1, 2, 4), "1 of 2 images are resized to 4x2 pixels"), (data.Shape!.Value, Assert.Single(data.Notes)));
        Assert.Equal([8, 9], FirstPixels(data));
        Assert.Contains("digits: cannot be resized to 4x2; expected a folder of PNG images.", Assert.Throws<DataFormatException>(() => NamedData.Load("digits", null, new DataRequest { Resize = new ImageSize(4, 2) })).Message);
    }

    [Fact]
    public void A_models_images_and_classes_are_demanded()
    {
        Put("set/b/1.png", PngBytes.Grey(2, 2, 9));
        Dataset data = Load(new ImageShape(3, 2, 2), ["a", "b"]);
        Assert.Equal((6 * 2, 1), (data.Features, data.All.Label(0)));
        Assert.Equal(["1 grey image is taken for colour, as the model's are"], data.Notes);
        AssertError("set/b/1.png: has 2x2 pixels; the model takes 3x2.", () => Load(new ImageShape(1, 2, 3), ["a", "b"]));
        AssertError("set/b: class 'b' is unknown; expected one of 2: x, y.", () => Load(new ImageShape(1, 2, 2), ["x", "y"]));
        Put("set/b/2.png", PngBytes.Colour(2, 2, 1, 2, 3));
        AssertError("set/b/2.png: is a colour image; the model takes grey ones.", () => Load(new ImageShape(1, 2, 2), ["a", "b"]));
    }

    [Fact]
    public void What_is_no_image_by_class_is_an_error()
    {
        Put("set/a/1.png", PngBytes.Grey(2, 2, 1));
        AssertError("set: has images of the class 'a' alone; expected at least two classes' folders.");
        Directory.CreateDirectory(At("set/b"));
        AssertError("set/b: has no images; expected CLASS/NAME.png.");
        Put("set/b/1.jpg", []);
        Put("set/b/2.gif", []);
        AssertError("set/b/1.jpg: is no PNG image by its name; expected CLASS/NAME.png, and nothing else in a class's folder.");
        File.Delete(At("set/b/1.jpg"));
        File.Delete(At("set/b/2.gif"));
        Put("set/b/1.png", "text"u8.ToArray());
        AssertError("set/b/1.png: does not start as a PNG file does");
        Put("set/0.png", PngBytes.Grey(2, 2, 1));
        AssertError("set/0.png: is in no class's folder; expected CLASS/NAME.png.");
        Put("other/1.png", PngBytes.Grey(2, 2, 1));
        AssertError("other: the folder has no data in a known format", () => NamedData.Load(At("other")));
    }

    [Fact]
    public void Links_are_followed_in_the_folder_and_never_out_of_it()
    {
        Put("set/a/1.png", PngBytes.Grey(2, 2, 1));
        Put("out/1.png", PngBytes.Grey(2, 2, 2));
        File.CreateSymbolicLink(At("set/a/2.png"), "1.png");
        Directory.CreateSymbolicLink(At("set/b"), "a");
        Assert.Equal([1, 1, 1, 1], FirstPixels(Load()));
        foreach (string target in (string[])["../out", At("out"), "a/../../out", "b", "nowhere"])
        {
            Directory.CreateSymbolicLink(At("set/c"), target == "b" ? "c" : target);
            AssertError("set/c: is a link that leads out of");
            File.Delete(At("set/c"));
        }

        // By name in the folder, by the way of a link out of it.
        Directory.CreateDirectory(At("set/.deep/er"));
        Directory.CreateSymbolicLink(At("set/.link"), ".deep/er");
        Directory.CreateSymbolicLink(At("set/.up"), "..");
        Put("set/a/3.png", PngBytes.Grey(2, 2, 1));
        File.Delete(At("set/a/3.png"));
        File.CreateSymbolicLink(At("set/a/3.png"), "../.up/out/1.png");
        AssertError("set/a/3.png: is a link that leads out of");
        // The folder itself may be a link.
        File.Delete(At("set/a/3.png"));
        Directory.CreateSymbolicLink(At("link"), "set");
        Assert.Equal(4, NamedData.Load(At("link")).All.Rows);
    }

    private static int[] FirstPixels(Dataset data)
    {
        float[] row = new float[data.Features];
        Dataset raw = data.WithPreprocessing(Preprocessing.Identity);
        return [.. Enumerable.Range(0, data.All.Rows).Select(i =>
        {
            raw.All.CopyInputs(i, 1, row, row.Length);
            return (int)row[0];
        })];
    }

    private Dataset Load() => NamedData.Load(At("set"));

    private Dataset Load(ImageShape shape, string[] classes) => NamedData.Load(At("set"), null, new DataRequest { Image = shape, ClassNames = classes });

    private string At(string name) => Path.Combine(_folder.Path, name);

    private void Put(string name, byte[] content) => _folder.Write(name, content);

    private void AssertError(string expected) => AssertError(expected, Load);

    private void AssertError(string expected, Func<Dataset> load)
    {
        string message = Assert.Throws<DataFormatException>(load).Message;
        Assert.StartsWith(At(expected), message);
        Assert.DoesNotContain('\n', message);
    }
}
