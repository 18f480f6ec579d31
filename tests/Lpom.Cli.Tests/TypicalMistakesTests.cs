using System.IO.Compression;
using System.Text;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

/// <summary>What people get wrong: each message says what to do.</summary>
public sealed class TypicalMistakesTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public TypicalMistakesTests() =>
        File.WriteAllLines(_folder["flats.csv"], ["area,city,price", .. Enumerable.Range(0, 40).Select(i => $"{20 + i},{(i % 2 == 0 ? "Bern" : "Ulm")},{(i % 2 == 0 ? "low" : "high")}")]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("did you mean 'price'? (its first line: area, city, price)", "train", "--data", "flats.csv", "--target", "prise")]
    [InlineData("unknown option '--epoch', did you mean '--epochs'?", "train", "--epoch", "3")]
    [InlineData("unknown command 'trian', did you mean 'train'?", "trian")]
    [InlineData("unknown data 'minst': did you mean 'mnist'?", "train", "--data", "minst")]
    [InlineData("./flat.csv: no such file", "train", "--data", "./flat.csv")]
    [InlineData("the folder has no data in a known format; expected a CSV file", "train", "--data", "empty")]
    [InlineData("does not start as a gzip file does", "train", "--data", "plain.csv.gz")]
    [InlineData("is a ZIP archive, as NPZ and spreadsheets are; expected CSV text", "train", "--data", "sheet.csv")]
    [InlineData("line 1 is UTF-16; expected UTF-8", "train", "--data", "utf16.csv")]
    [InlineData("'lpom train --output nowhere.safetensors' makes one", "eval", "nowhere.safetensors")]
    [InlineData("expected a whole number from 1 to 1000000, found 'ten'", "train", "--epochs", "ten")]
    [InlineData("it is of version 0; this lpom reads version 1, which 'lpom train --print-config' writes", "train", "--config", "old.json")]
    [InlineData("there is no folder", "train", "--output", "models/flats.safetensors")]
    [InlineData("give --checkpoint DIR", "train", "--resume")]
    public void A_mistake_is_named_with_what_to_do(string expected, params string[] arguments)
    {
        Directory.CreateDirectory(_folder["empty"]);
        File.WriteAllText(_folder["plain.csv.gz"], "1,2,a\n");
        using (ZipArchive zip = ZipFile.Open(_folder["sheet.csv"], ZipArchiveMode.Create))
            zip.CreateEntry("xl/workbook.xml");
        File.WriteAllText(_folder["utf16.csv"], "1,2,a\n", Encoding.Unicode);
        File.WriteAllText(_folder["old.json"], "{\"version\": 0, \"data\": \"digits\"}");
        Assert.Contains(expected, Run(arguments).AssertBadInput());
    }

    [Fact]
    public void A_model_of_other_data_says_what_it_takes()
    {
        Assert.Equal(0, Run("train", "--epochs", "1", "--output", "digits.safetensors", "--quiet").ExitCode);
        Assert.Contains("class 'low' is unknown; expected one of 10: 0, 1, 2", Run("eval", "digits.safetensors", "--data", "flats.csv").AssertBadInput());
        File.WriteAllText(_folder["new.csv"], "5,2,9\n");
        Assert.Contains("line 1: 3 values, the model takes 64", Run("predict", "digits.safetensors", "new.csv").AssertBadInput());
        Assert.Equal(0, Run("train", "--data", "flats.csv", "--target", "price", "--epochs", "1", "--output", "flats.safetensors", "--quiet").ExitCode);
        File.WriteAllText(_folder["new.csv"], "area,town\n50,Bern\n");
        Assert.Contains("there is no column 'city'; expected those of the training data: area, city, price", Run("predict", "flats.safetensors", "new.csv").AssertBadInput());
        File.WriteAllText(_folder["new.csv"], "area,city\n50,Rom\n");
        Assert.Contains("'Rom' is unknown in 'city'; expected one of 2: Bern, Ulm", Run("predict", "flats.safetensors", "new.csv").AssertBadInput());
    }

    private Ran Run(params string[] arguments) => LpomProcess.Run(_folder.FullName, arguments);
}
