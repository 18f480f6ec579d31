namespace Lpom.Data.Tests;

public class DatasetTests
{
    [Fact]
    public void Digits_are_built_in_divided_by_rule_and_scaled_to_one()
    {
        Dataset digits = BuiltinDigits.Load();
        Assert.Equal((1797, 1442, 355), (digits.All.Rows, digits.Train.Rows, digits.Test.Rows));
        Assert.Equal((64, 10), (digits.Features, digits.Classes));
        Assert.Equal(new ImageShape(1, 8, 8), digits.Shape);
        Assert.Equal(StratifiedSplit.Rule, digits.SplitRule);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), digits.ClassNames);

        var inputs = new float[1797 * 64];
        digits.All.CopyInputs(0, 1797, inputs, 64);
        Assert.Equal((0f, 1f), (inputs.Min(), inputs.Max()));
        Assert.Equal([0f, 0f, 5 / 16f, 13 / 16f, 9 / 16f, 1 / 16f, 0f, 0f], inputs[..8]);
        Assert.Equal([0, 1, 2, 3], new[] { digits.All.Label(0), digits.All.Label(1), digits.All.Label(2), digits.All.Label(3) });
    }

    [Fact]
    public void The_split_takes_a_fifth_of_every_class()
    {
        Dataset digits = BuiltinDigits.Load();
        int[] counts = Count(digits.All), test = Count(digits.Test), train = Count(digits.Train);
        for (int label = 0; label < 10; label++)
        {
            Assert.Equal(counts[label] / 5, test[label]);
            Assert.Equal(counts[label] - test[label], train[label]);
        }
    }

    [Fact]
    public void The_fifth_row_of_a_class_in_file_order_is_test()
    {
        int[] labels = [0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0];
        (int[] train, int[] test) = StratifiedSplit.Divide(labels, 2);
        Assert.Equal([6, 10], test);
        Assert.Equal([0, 1, 2, 3, 4, 5, 7, 8, 9, 11], train);
    }

    [Fact]
    public void Other_preprocessing_applies_to_every_view_and_leaves_the_original()
    {
        Dataset digits = BuiltinDigits.Load();
        Dataset raw = digits.WithPreprocessing(Preprocessing.Identity);
        var a = new float[64];
        var b = new float[64];
        foreach ((DataView scaled, DataView plain) in new[] { (digits.Train, raw.Train), (digits.Test, raw.Test), (digits.All, raw.All) })
        {
            scaled.CopyInputs(3, 1, a, 64);
            plain.CopyInputs(3, 1, b, 64);
            Assert.Equal(a, Array.ConvertAll(b, value => value / 16f));
        }

        Assert.Throws<ArgumentException>(() => digits.WithPreprocessing(new Preprocessing(1f, 0f, 0f, 0f)));
    }

    [Fact]
    public void Rows_in_memory_are_checked_and_copied()
    {
        float[] inputs = [1, 2, 3, 4];
        Dataset data = Dataset.FromRows("made", inputs, [0, 1], ["a", "b"]);
        inputs[0] = 9;
        var row = new float[2];
        data.All.CopyInputs(0, 1, row, 2);
        Assert.Equal([1f, 2f], row);
        Assert.Throws<ArgumentException>(() => Dataset.FromRows("made", [1, 2, 3], [0, 1], ["a", "b"]));
        Assert.Throws<ArgumentException>(() => Dataset.FromRows("made", [1, 2], [0, 2], ["a", "b"]));
        Assert.Throws<ArgumentException>(() => Dataset.FromRows("made", [1, float.NaN], [0, 1], ["a", "b"]));
        Assert.Throws<ArgumentException>(() => Dataset.FromRows("made", [1, 2], [0, 0], ["a"]));
    }

    private static int[] Count(DataView view)
    {
        var counts = new int[10];
        for (int row = 0; row < view.Rows; row++)
            counts[view.Label(row)]++;
        return counts;
    }
}
