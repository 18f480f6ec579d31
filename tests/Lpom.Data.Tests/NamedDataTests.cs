using System.Security.Cryptography;
using Lpom.Data.Tests.Support;

namespace Lpom.Data.Tests;

public sealed class NamedDataTests : IDisposable
{
    private const string FashionFolder = "fashion-mnist";

    private readonly TempFolder _folder = new();
    private readonly DataEnvironment _nothing;

    public NamedDataTests() => _nothing = new DataEnvironment(null, At("cache"), At("system"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Digits_need_nothing_on_the_machine() =>
        Assert.Equal(1797, NamedData.Load("digits", null, null, _nothing).All.Rows);

    [Theory]
    [InlineData("")]
    [InlineData(".gz")]
    public void A_data_folder_is_searched_in_the_sets_subfolder_then_directly(string suffix)
    {
        IdxBytes.WriteSet(_folder, "data", train: 40, suffix: suffix);
        Assert.Equal(40, NamedData.Load("mnist", At("data"), null, _nothing).Train.Rows);
        IdxBytes.WriteSet(_folder, "data/mnist", train: 50, suffix: suffix);
        Dataset data = NamedData.Load("mnist", At("data"), null, _nothing);
        Assert.Equal((50, 20, 12, 10), (data.Train.Rows, data.Test.Rows, data.Features, data.Classes));
        Assert.Equal(new ImageShape(1, 4, 3), data.Shape);
        Assert.Null(data.SplitRule);
    }

    [Fact]
    public void Cifar_is_taken_from_the_first_place_that_has_it()
    {
        DataEnvironment environment = new(At("variable"), At("cache"), At("system"));
        WriteCifar("system/cifar10", 4);
        Assert.Equal(20, NamedData.Load("cifar10", null, null, environment).Train.Rows);
        WriteCifar("cache/cifar10/cifar-10-batches-bin", 3);
        Assert.Equal(15, NamedData.Load("cifar10", null, null, environment).Train.Rows);
        WriteCifar("variable/cifar10", 2);
        Assert.Equal(10, NamedData.Load("cifar10", null, null, environment).Train.Rows);
        WriteCifar("given", 1);
        Assert.Equal(5, NamedData.Load("cifar10", At("given"), null, environment).Train.Rows);
        Assert.Equal("cifar10", NamedData.Load("cifar10", null, null, environment).Name);
    }

    [Fact]
    public void A_folder_of_the_environment_is_taken_directly_only_if_it_bears_the_sets_name()
    {
        WriteCifar("some", 1);
        WriteCifar("other/cifar10", 1);
        Assert.Throws<DataNotFoundException>(() => NamedData.Load("cifar10", null, null, _nothing with { LpomData = At("some") }));
        Assert.Equal(5, NamedData.Load("cifar10", null, null, _nothing with { LpomData = At("other/cifar10") }).Train.Rows);
        Assert.Equal(5, NamedData.Load("cifar10", null, null, _nothing with { LpomData = At("other/cifar10") + "/" }).Train.Rows);
    }

    [Fact]
    public void What_is_not_found_says_where_it_was_looked_for_and_how_to_get_it()
    {
        Directory.CreateDirectory(At("given"));
        DataEnvironment environment = new(At("variable"), At("cache"), At("system"));
        string message = Assert.Throws<DataNotFoundException>(() => NamedData.Load(FashionFolder, At("given"), null, environment)).Message;
        string[] places = [At("given/fashion-mnist"), At("given"), At("variable/fashion-mnist"), At("cache/fashion-mnist"), At("system/fashion-mnist")];
        Assert.Contains("looked in " + string.Join(", ", places) + ".", message);
        Assert.Contains("apt-get install dataset-fashion-mnist", message);
        Assert.DoesNotContain('\n', message);
        Assert.Contains("train-images-idx3-ubyte", Assert.Throws<DataNotFoundException>(() => NamedData.Load("mnist", null, null, environment)).Message);
        Assert.Contains("cifar-10-binary.tar.gz", Assert.Throws<DataNotFoundException>(() => NamedData.Load("cifar10", null, null, environment)).Message);
        Assert.Contains("no such folder", Assert.Throws<DataNotFoundException>(() => NamedData.Load("mnist", At("typo"), null, environment)).Message);
    }

    [Fact]
    public void Unknown_data_is_not_taken_for_a_named_set_unless_the_user_points_at_it()
    {
        IdxBytes.WriteSet(_folder, "variable/mnist");
        DataEnvironment environment = _nothing with { LpomData = At("variable") };
        string message = Assert.Throws<DataNotFoundException>(() => NamedData.Load("mnist", null, null, environment)).Message;
        Assert.Contains($"{At("variable/mnist")} (unknown data in IDX format, not mnist", message);
        Assert.Equal("mnist/", NamedData.Load("mnist", At("variable"), null, environment).Name);
        Assert.Equal("mnist/", NamedData.Load(At("variable/mnist"), null, null, environment).Name);
    }

    [Fact]
    public void Of_two_sets_of_the_same_file_names_neither_is_taken_for_the_other()
    {
        KnownIdxSet digits = Known("digits-set", "digits-files", 10), fashion = Known("fashion-set", "fashion-files", 7);
        KnownIdxSet[] known = [digits, fashion];
        Directory.CreateDirectory(At("trap/digits-set"));
        foreach (string file in Directory.GetFiles(At("fashion-files")))
            File.Copy(file, At($"trap/digits-set/{Path.GetFileName(file)}"));

        (string? Folder, string Looked, bool) Find(KnownIdxSet set, string? dataDir, string? variable) =>
            new DataSearch(dataDir, _nothing with { LpomData = variable }).Find(set.Name, NamedData.JudgeIdx(set, known));
        Assert.Equal(At("digits-files"), Find(digits, At("digits-files"), null).Folder);
        (string? folder, string looked, bool hasRefusals) = Find(digits, At("fashion-files"), null);
        Assert.Null(folder);
        Assert.True(hasRefusals);
        Assert.Contains("this is fashion-set, not digits-set", looked);
        Assert.Contains("this is fashion-set, not digits-set", Find(digits, null, At("trap")).Looked);
        Assert.Contains("this is digits-set, not fashion-set", Find(fashion, At("digits-files"), null).Looked);

        // A folder of the wrong set hides no right one.
        Directory.Move(At("digits-files"), At("cache/digits-set"));
        Assert.Equal(At("cache/digits-set"), Find(digits, At("trap"), null).Folder);

        File.Copy(At("fashion-files/t10k-labels-idx1-ubyte"), At("cache/digits-set/t10k-labels-idx1-ubyte"), overwrite: true);
        AssertFormat(() => Find(digits, null, null), "train-labels-idx1-ubyte is of digits-set, but t10k-labels-idx1-ubyte of fashion-set");
    }

    [Fact]
    public void A_set_that_is_known_in_part_only_is_unknown_data()
    {
        KnownIdxSet whole = Known("whole", "variable/whole", 10);
        _folder.Write("variable/whole/t10k-labels-idx1-ubyte", IdxBytes.CyclicLabels(20, 5));
        Assert.Contains("unknown data", new DataSearch(null, _nothing with { LpomData = At("variable") }).Find("whole", NamedData.JudgeIdx(whole, [whole])).Looked);
        Assert.Equal(At("variable/whole"), new DataSearch(At("variable"), _nothing).Find("whole", NamedData.JudgeIdx(whole, [whole])).Folder);
    }

    [Fact]
    public void The_real_sets_are_told_apart_where_they_are()
    {
        foreach ((string name, string other) in new[] { ("mnist", FashionFolder), (FashionFolder, "mnist") })
        {
            if (Locate(name) is string folder)
                Assert.Contains($"this is {name}, not {other}", Assert.Throws<DataNotFoundException>(() => NamedData.Load(other, folder, null, _nothing)).Message);
        }
    }

    [Theory]
    [InlineData("mnist")]
    [InlineData(FashionFolder)]
    public void The_real_sets_load_with_their_sizes_where_they_are(string name)
    {
        if (Locate(name) is not string folder)
            return;
        foreach (Dataset data in new[] { NamedData.Load(name, folder, null, _nothing), NamedData.Load(folder, null, null, _nothing) })
        {
            Assert.Equal((name, 60_000, 10_000, 784, 10), (data.Name, data.Train.Rows, data.Test.Rows, data.Features, data.Classes));
            Assert.Equal(name == "mnist" ? "7" : "Ankle boot", data.ClassNames[data.Test.Label(0)]);
        }
    }

    [Fact]
    public void Labels_are_checked_against_the_set()
    {
        IdxBytes.WriteSet(_folder, "data");
        _folder.Write("data/t10k-labels-idx1-ubyte", IdxBytes.Labels([.. new byte[19], 10]));
        AssertFormat(() => NamedData.Load("mnist", At("data"), null, _nothing), "t10k-labels", "label 10", "row 19", "0…9");
        AssertFormat(() => NamedData.Load(At("data"), null, null, _nothing), "label 10", "0…9");
    }

    [Fact]
    public void A_label_far_above_the_others_is_out_of_range()
    {
        IdxBytes.WriteSet(_folder, "data");
        byte[] labels = IdxBytes.CyclicLabels(30);
        labels[8 + 5] = 200;
        _folder.Write("data/train-labels-idx1-ubyte", labels);
        AssertFormat(() => NamedData.Load(At("data"), null, null, _nothing), "train-labels", "label 200", "row 5");
    }

    [Fact]
    public void Counts_and_shapes_must_agree()
    {
        IdxBytes.WriteSet(_folder, "a");
        _folder.Write("a/train-labels-idx1-ubyte", IdxBytes.CyclicLabels(29));
        AssertFormat(() => NamedData.Load(At("a"), null, null, _nothing), "29 labels", "30 images");
        IdxBytes.WriteSet(_folder, "b");
        _folder.Write("b/t10k-images-idx3-ubyte", IdxBytes.Images(20, 3, 4));
        AssertFormat(() => NamedData.Load(At("b"), null, null, _nothing), "3×4", "4×3");
    }

    [Fact]
    public void A_bad_file_of_a_named_set_is_an_error_not_a_set_that_is_missing()
    {
        IdxBytes.WriteSet(_folder, "data", suffix: ".gz");
        string labels = At("data/train-labels-idx1-ubyte.gz");
        File.WriteAllBytes(labels, File.ReadAllBytes(labels)[..^3]);
        AssertFormat(() => NamedData.Load("mnist", At("data"), null, _nothing), labels, "truncated");
        NamedDataSet listed = NamedData.List(At("data"), _nothing).Single(set => set.Name == "mnist");
        Assert.Null(listed.Location);
        Assert.Contains("truncated", listed.Problem);
    }

    [Fact]
    public void An_incomplete_set_says_what_is_missing()
    {
        IdxBytes.WriteSet(_folder, "data");
        File.Delete(At("data/t10k-labels-idx1-ubyte"));
        Assert.Contains($"{At("data")} (t10k-labels-idx1-ubyte is missing)", Assert.Throws<DataNotFoundException>(() => NamedData.Load("mnist", At("data"), null, _nothing)).Message);
        Assert.Contains("t10k-labels-idx1-ubyte (or .gz) is missing", Assert.Throws<DataNotFoundException>(() => NamedData.Load(At("data"), null, null, _nothing)).Message);
        File.Delete(At("data/t10k-images-idx3-ubyte"));
        Dataset single = NamedData.Load(At("data"), null, null, _nothing);
        Assert.Equal((30, StratifiedSplit.Rule), (single.All.Rows, single.SplitRule));
    }

    [Fact]
    public void A_path_is_a_table_a_folder_of_idx_or_of_cifar()
    {
        string csv = _folder.Write("table.csv", "1,0\n2,1\n");
        Assert.Equal("table", NamedData.Load(csv, null, null, _nothing).Name);
        WriteCifar("images", 1);
        Assert.Equal("images", NamedData.Load(At("images"), null, null, _nothing).Name);
        IdxBytes.WriteSet(_folder, "kuzushiji");
        Assert.Equal("kuzushiji", NamedData.Load(At("kuzushiji") + "/", null, null, _nothing).Name);
    }

    [Theory]
    [InlineData("x.mat")]
    [InlineData("x.png")]
    [InlineData("x.gz")]
    public void Other_formats_are_refused_with_those_that_are_read(string name)
    {
        string path = _folder.Write(name, new byte[] { 1, 2, 3 });
        AssertFormat(() => NamedData.Load(path, null, null, _nothing), "not supported", "CSV", ".npz", "IDX", "CIFAR-10");
        AssertFormat(() => NamedData.Load(_folder.Path, null, null, _nothing), "no data in a known format", "CSV", "IDX", "CIFAR-10");
    }

    [Theory]
    [InlineData("minst", "did you mean 'mnist'?")]
    [InlineData("Fashion_MNIST", "did you mean 'fashion-mnist'?")]
    [InlineData("cifar", "did you mean 'cifar10'?")]
    [InlineData("imagenet21k", "expected digits, mnist, fashion-mnist, cifar10")]
    [InlineData("./none", "no such file or folder")]
    [InlineData("none.csv", "no such file or folder")]
    public void An_unknown_name_or_path_gets_the_nearest_name(string name, string expected) =>
        Assert.Contains(expected, Assert.Throws<DataNotFoundException>(() => NamedData.Load(name, null, null, _nothing)).Message);

    [Fact]
    public void A_models_classes_bound_the_labels()
    {
        IdxBytes.WriteSet(_folder, "data");
        string[] five = ["a", "b", "c", "d", "e"];
        AssertFormat(() => NamedData.Load(At("data"), null, new DataRequest { ClassNames = five }, _nothing), "label 5", "0…4");
        string[] twelve = [.. Enumerable.Range(0, 12).Select(i => $"{i}")];
        Assert.Equal(12, NamedData.Load(At("data"), null, new DataRequest { ClassNames = twelve }, _nothing).Classes);
        WriteCifar("images", 1);
        AssertFormat(() => NamedData.Load(At("images"), null, new DataRequest { ClassNames = five }, _nothing), "10 classes");
        AssertFormat(() => NamedData.Load("digits", null, new DataRequest { ClassNames = five }, _nothing), "class '0' is unknown");
    }

    [Fact]
    public void The_list_says_what_is_here_and_how_to_get_the_rest()
    {
        WriteCifar("cache/cifar10", 1);
        IReadOnlyList<NamedDataSet> sets = NamedData.List(null, _nothing);
        Assert.Equal(NamedData.Names, sets.Select(set => set.Name));
        Assert.Equal(["built in", null, null, At("cache/cifar10")], sets.Select(set => set.Location));
        Assert.Contains(At("cache/mnist"), sets[1].HowToGet);
        Assert.All(sets, set => Assert.Null(set.Problem));
    }

    [Fact]
    public void The_environment_follows_the_xdg_rules()
    {
        Assert.Equal(new DataEnvironment("/d", "/c/lpom", "/usr/share/datasets"), From(("LPOM_DATA", "/d"), ("XDG_CACHE_HOME", "/c"), ("HOME", "/h")));
        Assert.Equal("/h/.cache/lpom", From(("XDG_CACHE_HOME", "relative"), ("HOME", "/h")).CacheFolder);
        Assert.Equal((null, null), (From(("LPOM_DATA", "")).LpomData, From().CacheFolder));

        static DataEnvironment From(params (string Name, string Value)[] variables) =>
            DataEnvironment.From(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
    }

    /// <summary>Where this machine has a real set, if it does.</summary>
    private static string? Locate(string name) => NamedData.List(null).Single(set => set.Name == name).Location;

    private string At(string path) => Path.Combine(_folder.Path, path);

    /// <summary>Writes a set and makes it a known one, of labels that cycle through a number of classes.</summary>
    private KnownIdxSet Known(string name, string subfolder, int classes)
    {
        byte[] train = IdxBytes.CyclicLabels(30, classes), test = IdxBytes.CyclicLabels(20, classes);
        IdxBytes.WriteSet(_folder, subfolder);
        _folder.Write($"{subfolder}/train-labels-idx1-ubyte", train);
        _folder.Write($"{subfolder}/t10k-labels-idx1-ubyte", test);
        Directory.CreateDirectory(At("cache"));
        return new KnownIdxSet(name, Convert.ToHexString(SHA256.HashData(train)), Convert.ToHexString(SHA256.HashData(test)), []);
    }

    private void WriteCifar(string subfolder, int records)
    {
        foreach (string name in new[] { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin" })
            _folder.Write(Path.Combine(subfolder, name), new byte[3073 * records]);
    }

    private void AssertFormat(Action action, params string[] expected)
    {
        DataFormatException e = Assert.Throws<DataFormatException>(action);
        Assert.DoesNotContain('\n', e.Message);
        Assert.All(expected, text => Assert.Contains(text, e.Message));
    }
}
