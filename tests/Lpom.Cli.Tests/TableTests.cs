using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

/// <summary>A user's own table: named columns, texts, a class or a number to learn.</summary>
public sealed class TableTests : IDisposable
{
    private const string Model = "flats.safetensors";

    private readonly TestFolder _folder = new();

    public TableTests()
    {
        string[] cities = ["Bern", "Ulm", "Wien"];
        var rng = new Random(1);
        IEnumerable<string> rows = Enumerable.Range(0, 300).Select(_ =>
        {
            (double area, int city) = (30 + (100 * rng.NextDouble()), rng.Next(3));
            double price = (area * (2 + city)) + (10 * rng.NextDouble());
            return FormattableString.Invariant($"{price:F2},{area:F1},{cities[city]},{(price > 240 ? "dear" : "cheap")}");
        });
        File.WriteAllLines(_folder["flats.csv"], ["price,area,city,class", .. rows]);
        File.WriteAllLines(_folder["new.csv"], ["city,area,note", "Wien,100,big", "Bern,50,small"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_number_is_learnt_where_the_target_is_one()
    {
        File.WriteAllLines(_folder["prices.csv"], File.ReadLines(_folder["flats.csv"]).Select(line => line[..line.LastIndexOf(',')]));
        Ran ran = Run("train", "--data", "prices.csv", "--target", "price", "--output", Model, "--json");
        JsonElement done = ran.Json[^1];
        Assert.Contains("note: the target 'price' is taken for a number", ran.Errors);
        Assert.InRange(done.GetProperty("testR2").GetDouble(), 0.98, 1);
        JsonElement score = Run("eval", Model, "--data", "prices.csv", "--json").Json[0];
        Assert.Equal(done.GetProperty("testMse").GetDouble(), score.GetProperty("mse").GetDouble());
        Assert.Equal(done.GetProperty("testR2").GetDouble(), score.GetProperty("r2").GetDouble());
        Assert.StartsWith("MSE ", Run("eval", Model, "--data", "prices.csv").Output);
        string[] answers = Run("predict", Model, "new.csv").Output.TrimEnd().Split('\n');
        Assert.Equal(405, double.Parse(answers[0], System.Globalization.CultureInfo.InvariantCulture), 20.0);
        Assert.Equal(105, double.Parse(answers[1], System.Globalization.CultureInfo.InvariantCulture), 20.0);
        Assert.Equal(405, Run("predict", Model, "new.csv", "--json").Json[0].GetProperty("values")[0].GetDouble(), 20.0);
    }

    [Fact]
    public void A_class_is_learnt_and_named_in_answers()
    {
        Assert.Equal(0, Run("train", "--data", "flats.csv", "--target", "class", "--output", Model, "--quiet").ExitCode);
        File.WriteAllLines(_folder["new.csv"], ["city,price,area", "Wien,400,100", "Bern,100,50"]);
        Assert.Equal(["dear", "cheap"], Run("predict", Model, "new.csv").Output.TrimEnd().Split('\n').Select(line => line.Split('\t')[0]));
    }

    // Or the first row of values would be taken for the header, or its columns for those of the training data in their order.
    [Theory]
    [InlineData("city,area,price_\nWien,100,400\nBern,50,100\n", "there is no column 'price'")]
    [InlineData("400\n400,100,Wien\n100,50,Bern\n", "has 1 fields")]
    public void Columns_that_are_not_found_end_the_work_though_bad_rows_are_skipped(string text, string expected)
    {
        Assert.Equal(0, Run("train", "--data", "flats.csv", "--target", "class", "--output", Model, "--quiet").ExitCode);
        File.WriteAllText(_folder["new.csv"], text);
        Ran ran = Run("predict", Model, "new.csv", "--on-error", "skip");
        Assert.Equal((2, ""), (ran.ExitCode, ran.Output));
        Assert.Contains($"line 1: {expected}", Assert.Single(ran.ErrorLines));
    }

    [Theory]
    [InlineData("no column 'prise', did you mean 'price'?", "train", "--data", "flats.csv", "--target", "prise")]
    [InlineData("no columns to choose 'price' from", "train", "--target", "price")]
    [InlineData("lpom-paper classifies only", "train", "--data", "flats.csv", "--target", "price", "--method", "lpom-paper")]
    [InlineData("--loss cross-entropy: --task regress", "train", "--data", "flats.csv", "--target", "price", "--loss", "cross-entropy")]
    [InlineData("'cheap' is not a number", "train", "--data", "flats.csv", "--task", "regress")]
    [InlineData("classes, not numbers", "train", "--task", "regress")]
    public void What_does_not_fit_is_refused(string expected, params string[] arguments) =>
        Assert.Contains(expected, Run(arguments).AssertBadInput());

    [Fact]
    public void A_model_says_which_columns_it_misses()
    {
        Assert.Equal(0, Run("train", "--data", "flats.csv", "--target", "class", "--epochs", "1", "--output", Model, "--quiet").ExitCode);
        File.WriteAllLines(_folder["new.csv"], ["city,area", "Wien,100"]);
        Assert.Contains("line 1: there is no column 'price'", Run("predict", Model, "new.csv").AssertBadInput());
        File.WriteAllText(_folder["bare.csv"], "price,area,city\n1,2,Ulm\n");
        Assert.Contains("no column 'class', which is to be learnt", Run("eval", Model, "--data", "bare.csv").AssertBadInput());
    }

    [Fact]
    public void A_regression_goes_on_from_a_checkpoint_to_the_same_bytes()
    {
        string[] train = ["train", "--data", "flats.csv", "--target", "price", "--epochs", "4", "--quiet"];
        Assert.Equal(0, Run([.. train, "--output", "whole.safetensors"]).ExitCode);
        Assert.Equal(0, Run([.. train, "--output", Model, "--checkpoint", "run", "--checkpoint-every", "5steps"]).ExitCode);
        File.Copy(_folder["run/checkpoint.previous.lpom"], _folder["run/checkpoint.lpom"], overwrite: true);
        Assert.Equal(0, Run([.. train, "--output", Model, "--checkpoint", "run", "--resume"]).ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["whole.safetensors"]), File.ReadAllBytes(_folder[Model]));
    }

    [Fact]
    public void Weights_that_overflow_in_the_data_s_units_are_a_divergence()
    {
        File.WriteAllLines(_folder["big.csv"], ["x,y", .. Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"{i % 17},{(i % 17 < 8 ? -3.3e38 : 3.3e38)}"))]);
        Ran ran = Run("train", "--data", "big.csv", "--task", "regress", "--method", "adam", "--lr", "1", "--epochs", "3", "--output", Model);
        Assert.Contains("training diverged in epoch 1: the weights after it, for the data's own units, are not finite", ran.Errors);
        Assert.Contains("the numbers to learn of big are so large", Run("train", "--data", "big.csv", "--task", "regress", "--layers", "1", "--seed", "4").AssertBadInput());
    }

    [Fact]
    public void Methods_are_compared_on_a_regression()
    {
        JsonElement[] lines = Run("compare", "--data", "flats.csv", "--target", "price", "--epochs", "3", "--seeds", "1", "--json").Json;
        Assert.Equal(["lpom", "sgd", "adam"], lines.Where(line => line.TryGetProperty("testMseMean", out _)).Select(line => line.GetProperty("method").GetString()!));
    }

    private Ran Run(params string[] arguments) => LpomProcess.Run(_folder.FullName, arguments);
}
