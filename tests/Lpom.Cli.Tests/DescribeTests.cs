using System.Text.Json;
using Lpom.Cli.Tests.Support;
using Lpom.Data;

namespace Lpom.Cli.Tests;

public sealed class DescribeTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public DescribeTests()
    {
        IEnumerable<string> rows = Enumerable.Range(0, 60).Select(i => $"{(i == 7 ? "?" : i)},{(i % 3 == 0 ? "Bern" : "Wien")},note {i},{i * 1.5},{(i % 2 == 0 ? "dear" : "cheap")}");
        File.WriteAllLines(_folder["flats.csv"], ["area,city,note,price,class", .. rows]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_table_for_people()
    {
        Ran ran = Describe("flats.csv");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        string[] lines = ran.Output.Split('\n');
        Assert.Equal("flats: 60 rows of 4 inputs", lines[0]);
        Assert.Equal($"48 rows to train on, 12 to test on: {StratifiedSplit.Rule}", lines[1]);
        Assert.Equal(
            [
                "class cheap 30 24 6", "class dear 30 24 6",
                "column area number 1 59 0 29.881 59", "column city category 0 2 Wien 40, Bern 20",
                "column note ignored 0 60 note 0 1, note 1 1, note 10 1", "column price number 0 60 0 44.25 88.5", "column class target 0 2 cheap 30, dear 30",
            ],
            [.. CellsOf(lines, "class").Select(row => $"class {row}"), .. CellsOf(lines, "column").Select(row => $"column {row}")]);
        Assert.Equal(["0 Bern note 0 0 dear", "1 Wien note 1 1.5 cheap", "2 Wien note 2 3 dear", "3 Bern note 3 4.5 cheap", "4 Wien note 4 6 dear"], CellsOf(lines, "area | city"));
        Assert.Contains("note: 1 missing value of 'area' is taken for the mean of the training rows", lines);
        Assert.Contains("note: column 'note' is left out: it has 60 different texts in 60 rows", lines);
        Assert.Equal(["lpom train learns one of 2 classes with a network 4-128-2 in 80 epochs, unless it is told otherwise:", "  lpom train --data flats.csv"], lines[^3..^1]);
    }

    [Fact]
    public void A_number_to_learn_and_json()
    {
        JsonElement data = Assert.Single(Describe("flats.csv", "--target", "price", "--json").Json);
        Assert.Equal("regress", data.GetProperty("task").GetString());
        Assert.Equal((60, 5), (data.GetProperty("rows").GetInt32(), data.GetProperty("inputs").GetInt32()));
        Assert.Equal(0, data.GetProperty("classes").GetArrayLength());
        JsonElement price = Assert.Single(data.GetProperty("numbers").EnumerateArray());
        Assert.Equal(("price", 0, 44.25, 88.5), (price.GetProperty("name").GetString(), price.GetProperty("least").GetDouble(), price.GetProperty("mean").GetDouble(), price.GetProperty("most").GetDouble()));
        Assert.Equal(["number", "category", "ignored", "target", "category"], data.GetProperty("columns").EnumerateArray().Select(column => column.GetProperty("role").GetString()));
        Assert.Equal("Wien", data.GetProperty("columns")[1].GetProperty("mostFrequent")[0].GetProperty("text").GetString());
        Assert.Equal(["0", "Bern", "note 0", "0", "dear"], data.GetProperty("preview")[0].EnumerateArray().Select(cell => cell.GetString()));
        Assert.Equal(5, data.GetProperty("preview").GetArrayLength());
        Assert.Equal("lpom train --data flats.csv --target price", data.GetProperty("command").GetString());
        Assert.Equal(JsonValueKind.Null, data.GetProperty("image").ValueKind);
        Assert.Contains("| price  |     0 | 44.25 | 88.5 |", Describe("flats.csv", "--target", "price").Output);
    }

    [Fact]
    public void Images()
    {
        Ran digits = Describe("digits");
        Assert.Equal("digits: 1,797 rows of 64 inputs, grey images of 8×8 pixels", digits.OutputLines[0]);
        Assert.Equal(10, CellsOf(digits.OutputLines, "class").Length);
        foreach (string name in (string[])["a", "b"])
        {
            Directory.CreateDirectory(_folder[$"my set/train/{name}"]);
            Directory.CreateDirectory(_folder[$"my set/test/{name}"]);
            File.WriteAllBytes(_folder[$"my set/train/{name}/1.png"], PngWriter.EncodeColour(new byte[12], 2));
            File.WriteAllBytes(_folder[$"my set/test/{name}/1.png"], PngWriter.EncodeColour(new byte[12], 2));
        }

        JsonElement image = Describe("my set", "--resize", "3x2", "--json").Json[0];
        Assert.Equal((3, 3, 2), (image.GetProperty("image").GetProperty("channels").GetInt32(), image.GetProperty("image").GetProperty("width").GetInt32(), image.GetProperty("image").GetProperty("height").GetInt32()));
        Assert.Equal(("lpom train --data 'my set' --resize 3x2", JsonValueKind.Null), (image.GetProperty("command").GetString(), image.GetProperty("split").ValueKind));
        Assert.Equal("4 of 4 images are resized to 3x2 pixels", image.GetProperty("notes")[0].GetString());
        Assert.Contains("2 rows to train on, 2 to test on: the data's own parts", Describe("my set").OutputLines);
    }

    [Fact]
    public void A_wide_table_of_many_classes_is_cut_for_people_and_whole_in_json()
    {
        File.WriteAllLines(_folder["wide.csv"], Enumerable.Range(0, 200).Select(i => string.Join(',', Enumerable.Range(0, 60).Select(column => (i * column) % 7).Append(i % 40))));
        string[] lines = Describe("wide.csv").OutputLines;
        Assert.Contains("and 10 classes more, which --json shows", lines);
        Assert.Contains("and 21 columns more, which --json shows", lines);
        Assert.Contains("and 51 columns more, which --json shows", lines);
        JsonElement data = Describe("wide.csv", "--json").Json[0];
        Assert.Equal((40, 61, 61), (data.GetProperty("classes").GetArrayLength(), data.GetProperty("columns").GetArrayLength(), data.GetProperty("preview")[0].GetArrayLength()));
    }

    [Theory]
    [InlineData("no such file or folder", "nowhere.csv")]
    [InlineData("did you mean 'digits'?", "digit")]
    [InlineData("no column 'prise', did you mean 'price'?", "flats.csv", "--target", "prise")]
    [InlineData("has no columns to choose 'x' from", "digits", "--target", "x")]
    [InlineData("cannot be resized", "flats.csv", "--resize", "3x3")]
    [InlineData("'' is no name of data", "")]
    public void Bad_input(string expected, params string[] arguments) => Assert.Contains(expected, Describe(arguments).AssertBadInput());

    private Ran Describe(params string[] arguments) => LpomProcess.Run(_folder.FullName, ["data", "describe", .. arguments]);

    /// <summary>The rows of the Markdown table whose first column has that name; cells apart by blanks.</summary>
    private static string[] CellsOf(string[] lines, string first) =>
        [.. lines.SkipWhile(line => !line.StartsWith($"| {first} ", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|')).Select(line => string.Join(' ', line.Split((char[])['|', ' '], StringSplitOptions.RemoveEmptyEntries)))];
}
