using System.Globalization;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

/// <summary>Data that nothing, or hardly anything, can be learnt from: a finite model, or one line that says why there is none.</summary>
public sealed class DegenerateDataTests : IDisposable
{
    private const string Data = "rows.csv", Model = "m.safetensors";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lpom", "a constant column", "5,#,7")]
    [InlineData("lpom-paper", "a constant column", "5,#,7")]
    [InlineData("lpom-paper", "rows that are all the same", "5,4,7")]
    [InlineData("lpom-paper", "zeros", "0,0,0")]
    [InlineData("lpom", "huge values", "#e30,-#e29")]
    [InlineData("lpom-paper", "huge values", "#e30,-#e29")]
    [InlineData("adam", "the largest values", "3.4e38,-2.#e38")]
    [InlineData("lpom", "tiny values", "#e-30,-#e-38")]
    [InlineData("lpom", "columns of all scales", "#e30,#e-30,#")]
    [InlineData("sgd", "columns of all scales", "#e30,#e-30,#")]
    public void Trains_to_a_finite_model(string method, string what, string row)
    {
        Write(row);
        // Layers of one unit, and a batch larger than the data.
        Ran ran = Train(method);
        Assert.True(ran.ExitCode == 0, $"{what}: {ran.Errors}");
        double loss = LpomProcess.Run(_folder.FullName, "eval", Model, "--data", Data, "--split", "all", "--json").Json[0].GetProperty("loss").GetDouble();
        Assert.True(double.IsFinite(loss), what);
    }

    [Theory]
    [InlineData("Every row is the same: there is nothing to learn from", "5,4,7")]
    [InlineData("Every row is the same: there is nothing to learn from", "0,0,0")]
    [InlineData("The rows hold values too small to scale", "#e-43,0")]
    public void Is_refused(string message, string row)
    {
        Write(row);
        Assert.Contains(message, Train("lpom").AssertBadInput());
        Assert.False(File.Exists(_folder[Model]));
    }

    [Fact]
    public void A_hundred_thousand_columns_train_if_there_are_a_few_rows()
    {
        WriteWide(rows: 34);
        Assert.Equal(0, Train("lpom").ExitCode);
        WriteWide(rows: 10);
        Assert.Contains("rows.csv: line 1: has 100001 fields, in a table of ", Train("lpom").AssertBadInput());
    }

    private Ran Train(string method) =>
        LpomProcess.Run(_folder.FullName, "train", "--data", Data, "--method", method, "--layers", "8-1-4", "--epochs", "3", "--batch", "1000", "--quiet", "--json", "--output", Model);

    private void WriteWide(int rows) => File.WriteAllLines(
        _folder[Data], Enumerable.Range(0, rows).Select(i => $"{string.Join(',', Enumerable.Range(0, 100_000).Select(j => i * j % 7))},{"ab"[i % 2]}"));

    private void Write(string row) => File.WriteAllLines(
        _folder[Data], Enumerable.Range(0, 40).Select(i => $"{row.Replace("#", (1 + (i * 7 % 5)).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)},{"ab"[i % 2]}"));
}
