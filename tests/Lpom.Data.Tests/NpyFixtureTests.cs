namespace Lpom.Data.Tests;

/// <summary>Files that numpy wrote: Fixtures/numpy/make.py.</summary>
public sealed class NpyFixtureTests
{
    [Fact]
    public void Every_type_in_both_byte_orders_and_in_fortran_order()
    {
        using NpzArchive types = NpzArchive.Open(Fixture("types.npz"));
        Assert.Equal(23, types.Names.Count);
        foreach (string name in types.Names)
        {
            using NpyArray array = NpyArray.Open(types.OpenArray(name));
            float[] values = new float[6];
            array.ReadFloats(values, 0);
            Assert.Equal(name == "b1" ? [0, 1, 1, 1, 1, 1] : [0f, 1, 2, 3, 4, 5], values);
            Assert.StartsWith(name[..2], array.Header.Type.Kind + array.Header.Type.Size.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("c")]
    [InlineData("fortran")]
    public void Rows_of_more_dimensions_are_flattened_in_c_order(string name)
    {
        using NpzArchive cube = NpzArchive.Open(Fixture("cube.npz"));
        using NpyArray array = NpyArray.Open(cube.OpenArray(name));
        float[] values = new float[24];
        array.ReadFloats(values, 0);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), values);
        Assert.Equal((2, 12), (array.Rows, array.RowLength));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_version(int version)
    {
        using NpyArray array = NpyArray.Open(SourceFile.Open(Fixture($"version-{version}.npy")));
        float[] values = new float[6];
        array.ReadFloats(values, 0);
        Assert.Equal([0f, 1, 2, 3, 4, 5], values);
    }

    [Fact]
    public void A_set_with_a_test_part()
    {
        Dataset set = NamedData.Load(Fixture("set.npz"));
        Assert.Equal(("set", 20, 10, 12), (set.Name, set.Train.Rows, set.Test.Rows, set.Features));
        Assert.Null(set.SplitRule);
        Assert.Equal(new ImageShape(1, 3, 4), set.Shape);
        Assert.Equal(["0", "1", "2"], set.ClassNames);
        float[] row = new float[12];
        set.Test.CopyInputs(3, 1, row, 12);
        Assert.Equal(Enumerable.Range(23 * 12, 12).Select(i => (i * 7 % 256) * (1f / 255f)), row);
        Assert.Equal(23 % 3, set.Test.Label(3));
    }

    [Fact]
    public void A_table_with_the_class_in_the_last_column()
    {
        Dataset table = NamedData.Load(Fixture("table.npy"));
        Assert.Equal(("table", 12, 2, StratifiedSplit.Rule), (table.Name, table.All.Rows, table.Features, table.SplitRule));
        Assert.Equal(["3", "5"], table.ClassNames);
        Assert.Equal((1, 0), (table.All.Label(0), table.All.Label(1)));
        // Rows 0…7, 10 and 11 are for training: the largest value is 22.
        Assert.Equal(1f / 22f, table.Preprocessing.Scales.Span[0]);
        float[] row = new float[2];
        table.WithPreprocessing(Preprocessing.Identity).All.CopyInputs(7, 1, row, 2);
        Assert.Equal([3.5f, -14f], row);
    }

    internal static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "numpy", name);
}
