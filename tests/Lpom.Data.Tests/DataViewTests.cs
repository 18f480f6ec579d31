namespace Lpom.Data.Tests;

public class DataViewTests
{
    private const int Rows = 50, Features = 37;

    private static readonly Preprocessing Scaled = new(0.125f, 0.5f);

    [Theory]
    [InlineData(37)]
    [InlineData(48)]
    public void A_gather_equals_the_naive_one(int stride)
    {
        (Dataset data, float[] raw, int[] labels) = Make();
        int[] storageRows = Enumerable.Range(0, Rows).Where(row => !IsTest(row)).ToArray();
        int[] rows = [3, 0, 39, 3, 17];
        var inputs = new float[rows.Length * stride];
        Array.Fill(inputs, float.NaN);
        var classes = new int[rows.Length];
        data.Train.CopyInputs(rows, inputs, stride);
        data.Train.CopyLabels(rows, classes);
        for (int i = 0; i < rows.Length; i++)
        {
            int storageRow = storageRows[rows[i]];
            Assert.Equal(labels[storageRow], classes[i]);
            Assert.Equal(labels[storageRow], data.Train.Label(rows[i]));
            for (int j = 0; j < Features; j++)
                Assert.Equal(raw[storageRow * Features + j] * 0.125 - 0.5, inputs[i * stride + j]);
            for (int j = Features; j < stride; j++)
                Assert.True(float.IsNaN(inputs[i * stride + j]));
        }
    }

    [Fact]
    public void A_range_equals_the_gather_of_its_rows()
    {
        (Dataset data, _, _) = Make();
        foreach (DataView view in new[] { data.Train, data.Test, data.All, data.Train.Slice(5, 20) })
        {
            int[] rows = Enumerable.Range(2, view.Rows - 3).ToArray();
            var gathered = new float[rows.Length * Features];
            var ranged = new float[rows.Length * Features];
            var gatheredLabels = new int[rows.Length];
            var rangedLabels = new int[rows.Length];
            view.CopyInputs(rows, gathered, Features);
            view.CopyInputs(2, rows.Length, ranged, Features);
            view.CopyLabels(rows, gatheredLabels);
            view.CopyLabels(2, rows.Length, rangedLabels);
            Assert.Equal(gathered, ranged);
            Assert.Equal(gatheredLabels, rangedLabels);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_held_out_come_from_every_class_and_none_is_lost_or_copied(bool isSorted)
    {
        // 4 classes of 125 rows, of which 100 are for training, and wide rows, so that a copy would show.
        const int Wide = 2000;
        int[] labels = Enumerable.Range(0, 500).Select(i => isSorted ? i / 125 : i % 4).ToArray();
        float[] inputs = new float[labels.Length * Wide];
        for (int i = 0; i < labels.Length; i++)
            inputs[i * Wide] = i;
        Dataset data = Dataset.FromRows("rows", inputs, labels, ["a", "b", "c", "d"]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        (DataView train, DataView validation) = data.HoldOut(100);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal((300, 100), (train.Rows, validation.Rows));
        Assert.All(Enumerable.Range(0, 4), label => Assert.Equal(25, Enumerable.Range(0, 100).Count(row => validation.Label(row) == label)));
        float[] left = Numbers(train), held = Numbers(validation), all = Numbers(data.Train);
        Assert.Equal(left.Order(), left);
        Assert.Equal(held.Order(), held);
        Assert.Equal(all, left.Concat(held).Order());
        Assert.Throws<ArgumentOutOfRangeException>(() => train.Label(300));
        Assert.Equal(400, data.HoldOut(0).Train.Rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => data.HoldOut(400));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.HoldOut(-1));
    }

    /// <summary>The first input of every row: its number in the file.</summary>
    private static float[] Numbers(DataView view)
    {
        float[] row = new float[view.Features];
        return Enumerable.Range(0, view.Rows).Select(i =>
        {
            view.CopyInputs(i, 1, row, row.Length);
            return row[0];
        }).ToArray();
    }

    [Fact]
    public void Copying_allocates_nothing()
    {
        (Dataset data, _, _) = Make();
        int[] rows = [1, 5, 9];
        var inputs = new float[3 * Features];
        var labels = new int[3];
        data.Train.CopyInputs(rows, inputs, Features);
        data.Train.CopyInputs(0, 3, inputs, Features);
        data.Train.CopyLabels(rows, labels);
        data.Train.CopyLabels(0, 3, labels);
        Assert.Equal(0, ThreadAllocations.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                data.Train.CopyInputs(rows, inputs, Features);
                data.Train.CopyInputs(0, 3, inputs, Features);
                data.Train.CopyLabels(rows, labels);
                data.Train.CopyLabels(0, 3, labels);
            }
        }));
    }

    [Fact]
    public void Refuses_rows_and_lengths_that_do_not_fit()
    {
        (Dataset data, _, _) = Make();
        DataView train = data.Train;
        var inputs = new float[2 * Features];
        Assert.Throws<ArgumentOutOfRangeException>(() => train.CopyInputs([40], inputs, Features));
        Assert.Throws<ArgumentOutOfRangeException>(() => train.CopyInputs([-1], inputs, Features));
        Assert.Throws<ArgumentOutOfRangeException>(() => train.CopyInputs([0], inputs, Features - 1));
        Assert.Throws<ArgumentException>(() => train.CopyInputs([0, 1], inputs, Features + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => train.CopyInputs(39, 2, inputs, Features));
        Assert.Throws<ArgumentOutOfRangeException>(() => train.CopyInputs(int.MaxValue, 2, inputs, Features));
        Assert.Throws<ArgumentException>(() => train.CopyLabels(0, 3, new int[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => train.Slice(1, 40));
    }

    // Ten rows of each of five classes, one class after another: the 5th and 10th of each are test.
    private static bool IsTest(int row) => row % 5 == 4;

    private static (Dataset Data, float[] Raw, int[] Labels) Make()
    {
        float[] raw = Enumerable.Range(0, Rows * Features).Select(i => i % 256f).ToArray();
        int[] labels = Enumerable.Range(0, Rows).Select(row => row / 10).ToArray();
        return (Dataset.FromRows("made", raw, labels, ["a", "b", "c", "d", "e"], Scaled), raw, labels);
    }
}
