using System.Text;
using FsCheck.Fluent;
using Lpom.Data.Tests.Support;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Data.Tests;

/// <summary>Tables as people have them: named columns, texts, gaps, numbers to be learnt.</summary>
public sealed class TableTests : IDisposable
{
    private const string Flats = "id,area,city,price,kind\nf1,50,Bern,100.5,flat\nf2,,Bern,200,house\nf3,70,Ulm,300,flat\nf4,90,Ulm,400,house\n";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Texts_become_an_input_each_and_a_gap_the_mean_of_the_training_rows()
    {
        Dataset data = Read(Flats, new DataRequest { Target = "kind" });
        Assert.Equal(["flat", "house"], data.ClassNames);
        // id, area, city and price; ids are few here.
        Assert.Equal([ColumnRole.Category, ColumnRole.Number, ColumnRole.Category, ColumnRole.Number, ColumnRole.Target], data.Columns!.Columns.Select(c => c.Role));
        Assert.Equal(["Bern", "Ulm"], data.Columns.Columns[2].Categories);
        Assert.Equal([0f, 1, 0, 0, 70, 1, 0, 200], Raw(data, 1));
        Assert.Equal(["1 missing value of 'area' is taken for the mean of the training rows"], data.Notes);
    }

    [Fact]
    public void Numbers_are_standardised_by_column_and_texts_are_not()
    {
        Dataset data = Read(Flats, new DataRequest { Target = "kind" });
        float[][] rows = [.. Enumerable.Range(0, 4).Select(i => Row(data.All, i))];
        Assert.Equal(0, rows.Sum(row => row[4]), 1e-5f);
        Assert.Equal(4, rows.Sum(row => row[7] * row[7]), 1e-4f);
        Assert.Equal([1f, 1, 0, 0], rows.Select(row => row[5]));
    }

    [Theory]
    [InlineData("price")]
    [InlineData("4")]
    public void Any_column_can_be_learnt_by_name_or_number(string target)
    {
        Dataset data = Read(Flats, new DataRequest { Target = target, Kind = TargetKind.Numbers });
        Assert.Equal((TargetKind.Numbers, 0, 1), (data.Targets, data.Classes, data.Outputs));
        Assert.Equal(["price"], data.NumberNames);
        Assert.Equal([100.5f, 200, 300, 400], Enumerable.Range(0, 4).Select(i => data.All.Numbers(i)[0]));
        Assert.Throws<InvalidOperationException>(() => data.All.Label(0));
    }

    [Fact]
    public void Numbers_are_told_from_classes_by_their_values()
    {
        string Table(Func<int, double> target) => string.Concat(Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"{i % 7},{i % 11},{target(i)}\n")));
        Assert.Equal(TargetKind.Numbers, Read(Table(i => i * 0.25)).Targets);
        Assert.Equal(TargetKind.Numbers, Read(Table(i => 3 * (i % 97))).Targets);
        Assert.Equal(TargetKind.Classes, Read(Table(i => i % 97)).Targets);
        Assert.Equal(TargetKind.Classes, Read(Table(i => 3 * (i % 9))).Targets);
        Assert.Contains("taken for a number, not a class", Assert.Single(Read(Table(i => i * 0.25)).Notes));
        Assert.Equal(TargetKind.Classes, Read(Table(i => 3 * (i % 97)), new DataRequest { Kind = TargetKind.Classes }).Targets);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Numbers_that_count_are_classes_when_each_has_few_rows(int first)
    {
        string Table(Func<int, int> target) => string.Concat(Enumerable.Range(0, 60).Select(i => FormattableString.Invariant($"{i % 7},{target(i)}\n")));
        Assert.Equal(TargetKind.Classes, Read(Table(i => (i % 30) + first)).Targets);
        Assert.Equal(TargetKind.Numbers, Read(Table(i => (i % 30) + 2)).Targets);
        Assert.Equal(TargetKind.Numbers, Read(Table(i => i % 30 == 7 ? 40 : (i % 30) + first)).Targets);
    }

    [Fact]
    public void Cells_make_the_inputs_that_their_columns_say() =>
        Property.Holds(
            from letters in Gen.Choose(1, 6)
            from rows in Gen.Choose(12, 60)
            from seed in Gen.Choose(0, 1000)
            select (letters, rows, seed),
            c =>
            {
                var random = new Random(c.seed);
                int[][] cells = [.. Enumerable.Range(0, c.rows).Select(row => (int[])[random.Next(1000), row % c.letters, random.Next(1000), random.Next(-1, 2)])];
                string text = string.Concat(cells.Select((cell, row) => $"{cell[0]},{(char)('a' + cell[1])},{cell[2]},{(cell[3] < 0 ? "" : cell[3] == 0 ? "no" : "yes")},{row % 2}\n"));
                string[] last = [.. cells.Select(cell => cell[3]).Where(answer => answer >= 0).Distinct().Order().Select(answer => answer == 0 ? "no" : "yes")];
                Dataset data = Read(text);
                return Enumerable.Range(0, c.rows).All(row =>
                {
                    float[] expected = [cells[row][0], .. Enumerable.Range(0, c.letters).Select(letter => letter == cells[row][1] ? 1f : 0), cells[row][2], .. last.Select(answer => cells[row][3] >= 0 && answer == (cells[row][3] == 0 ? "no" : "yes") ? 1f : 0)];
                    return Raw(data, row).SequenceEqual(expected);
                });
            });

    [Theory]
    [InlineData("long", 91)]
    [InlineData("wide", 4_999)]
    [InlineData("wide of texts", 2_500)]
    [InlineData("wide with names", 4_999)]
    [InlineData("classes", 1)]
    public void A_table_takes_at_most_ten_times_its_bytes_and_a_megabyte(string shape, int leastFeatures)
    {
        string text = shape switch
        {
            "long" => Rows(200_000, 2, (row, column) => column == 0 ? $"{Letter(row, 13)}{row % 7}" : $"{row % 2}"),
            "wide" => Rows(33, 5_000, (row, column) => $"{(row + column) % 10}"),
            "wide of texts" => Rows(33, 5_000, (row, column) => column == 4_999 ? $"{row % 2}" : column % 2 == 0 ? "1" : Letter(row + column, 26)),
            "wide with names" => Rows(33, 5_000, (row, column) => row == 0 ? $"c{column}" : $"{(row + column) % 10}"),
            _ => Rows(60_000, 2, (row, column) => column == 0 ? "0" : $"class {row % 12_000}"),
        };
        string path = _folder.Write("rows.csv", text);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Dataset data = CsvReader.Read(path);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (1 << 20) + (10 * text.Length));
        // Of texts as many are told apart as the size allows.
        Assert.True(data.Features >= leastFeatures, $"{data.Features}");
    }

    [Fact]
    public void So_many_columns_take_more_rows()
    {
        string few = Rows(5, 1_500, (row, column) => $"{(row + column) % 2}"), more = Rows(17, 1_500, (row, column) => $"{(row + column) % 2}");
        string path = _folder.Write("few.csv", few);
        string expected = "line 1: has 1500 fields, in a table of 15000 bytes; expected 1000 at most, or 64 bytes for each further one, which more rows give.";
        Assert.Equal($"{path}: {expected}", Assert.Throws<DataFormatException>(() => CsvReader.Read(path)).Message);
        Assert.Equal(1_499, Read(more).Features);
        Assert.Equal(1_499, CsvReader.Read(path, new DataRequest { Inputs = 1_499 }).Features);
        File.WriteAllBytes(path, TempFolder.Gzip(Encoding.UTF8.GetBytes(few)));
        Assert.Equal($"{path}: {expected}", Assert.Throws<DataFormatException>(() => CsvReader.Read(path)).Message);
    }

    [Fact]
    public void So_many_classes_take_more_rows()
    {
        string text = Rows(6_000, 2, (row, column) => column == 0 ? "0" : $"c{row / 2}"), path = _folder.Write("classes.csv", text);
        int most = 1_000 + (text.Length / 40);
        Assert.EndsWith($"more than {most} different classes in a table of {text.Length} bytes; expected classes, which rows share.", Assert.Throws<DataFormatException>(() => CsvReader.Read(path)).Message);
    }

    [Fact]
    public void Texts_beyond_what_a_table_s_size_allows_are_left_out_and_said_once_for_all()
    {
        Dataset data = Read(Rows(40, 900, (row, column) => column == 899 ? $"{row % 2}" : column == 0 ? $"{row}" : Letter(row, 20)));
        Assert.Equal(1, data.Features);
        Assert.Equal(21, data.Notes.Count);
        Assert.Matches("^column 'column 2' is left out: it has more than [0-9]+ different texts in 40 rows, and so short a table is not searched for all$", data.Notes[0]);
        Assert.Equal("as much may be said of 878 more columns", data.Notes[20]);
    }

    [Fact]
    public void A_column_of_too_many_texts_is_left_out_and_said()
    {
        string rows = string.Concat(Enumerable.Range(0, 40).Select(i => $"name {i},{i},{i % 2}\n"));
        Dataset data = Read("who,x,class\n" + rows);
        Assert.Equal(1, data.Features);
        Assert.Equal(["column 'who' is left out: it has 40 different texts in 40 rows"], data.Notes);
    }

    [Fact]
    public void Two_thousand_columns_of_three_texts_are_told_apart_in_sixty_rows() =>
        Assert.Equal(3 * 1_999, Read(Rows(60, 2_000, (row, column) => column == 1_999 ? $"{row % 2}" : ((string[])["AA", "AG", "GG"])[((row * 7) + column) % 3])).Features);

    [Fact]
    public void A_class_of_a_long_name_is_an_error()
    {
        string path = _folder.Write("rows.csv", $"x,class\n1,a\n2,{new string('b', 257)}\n");
        Assert.Equal($"{path}: line 3, column 2: class '{new string('b', 40)}…' has 257 bytes; expected a name of 256 at most.", Assert.Throws<DataFormatException>(() => CsvReader.Read(path)).Message);
    }

    [Fact]
    public void A_column_of_long_texts_is_left_out_and_said()
    {
        Dataset data = Read(string.Concat(Enumerable.Range(0, 40).Select(i => $"{new string('z', 257)},{i},{i % 2}\n")));
        Assert.Equal(1, data.Features);
        Assert.Equal(["column 'column 1' is left out: it has texts of more than 256 bytes"], data.Notes);
    }

    [Fact]
    public void Zero_among_texts_is_one_text_with_either_sign()
    {
        Dataset data = Read("code,x,class\na,1,0\nb,2,1\n-0,3,0\na,5,1\n0,4,1\nb,1,0\n");
        Assert.Equal(["0", "a", "b"], data.Columns!.Columns[0].Categories);
        Assert.Equal(Raw(data, 2)[..3], Raw(data, 4)[..3]);
    }

    [Fact]
    public void Columns_of_one_name_get_different_ones()
    {
        Dataset data = Read("x,x (column 3),x,class\n1,2,3,0\n4,5,6,1\n");
        Assert.Equal(["x", "x (column 3)", "x (column 3) (column 3)", "class"], data.Columns!.Columns.Select(column => column.Name));
    }

    [Fact]
    public void A_row_with_a_gap_is_no_header_of_a_file_without()
    {
        const string rows = ",2,0\n3,4,1\n5,6,0\n7,,1\n";
        Dataset data = Read(rows);
        Assert.Equal("column 1", data.Columns!.Columns[0].Name);
        Dataset again = Read(rows, new DataRequest { Columns = data.Columns });
        Assert.Equal(4, again.All.Rows);
        Assert.Equal(Raw(data, 0), Raw(again, 0));
    }

    [Theory]
    [InlineData(",\n1,0\n2,1\n")]
    [InlineData("NA,?\n1,0\n2,1\n")]
    [InlineData("?,,\n1,2,0\n2,3,1\n")]
    public void A_line_without_names_is_no_header(string text) =>
        Assert.Contains(": the class is", Assert.Throws<DataFormatException>(() => Read(text)).Message);

    [Fact]
    public void A_row_with_a_class_and_gaps_alone_is_no_header() =>
        Assert.Equal(4, Read(",NA,setosa\n1,2,setosa\n2,3,virginica\n3,3,virginica\n").All.Rows);

    [Fact]
    public void A_row_of_numbers_is_no_header_for_names_that_are_numbers()
    {
        const string rows = "1,5,0\n3,4,1\n5,6,0\n7,2,1\n";
        Dataset data = Read("1,2,class\n" + rows, new DataRequest { Target = "class" });
        var request = new DataRequest { Columns = data.Columns };
        Assert.Equal(4, Read(rows, request).All.Rows);
        Assert.Equal(4, Read("2,1,0\n3,4,1\n5,6,0\n7,2,1\n", request).All.Rows);
        Assert.Equal(4, Read("1,2,0\n3,4,1\n5,6,0\n7,2,1\n", request).All.Rows);
        Assert.Equal(4, Read("2,class,1\n5,0,1\n4,1,3\n6,0,5\n2,1,7\n", request).All.Rows);
    }

    [Fact]
    public void More_columns_than_memory_holds_are_refused()
    {
        string line = string.Concat(Enumerable.Repeat("1,", CsvRowReader.MaxFields)) + "0\n";
        Assert.Contains("line 1: has more than 262144 fields", Assert.Throws<DataFormatException>(() => Read(line + line)).Message);
    }

    [Fact]
    public void Numbers_among_texts_are_texts_in_one_form()
    {
        Dataset data = Read("code,x,class\na,1,0\nb,2,1\n7,3,0\nc,5,1\n7.0,4,1\nb,1,0\n");
        Assert.Equal(["7", "a", "b", "c"], data.Columns!.Columns[0].Categories);
        Assert.Equal(Raw(data, 2)[..4], Raw(data, 4)[..4]);
    }

    [Fact]
    public void A_text_among_numbers_is_an_error_with_its_place()
    {
        string message = Assert.Throws<DataFormatException>(() => Read("x,y\n1,0\ntwo,1\n3,0\n")).Message;
        Assert.Contains("line 3, column 1: 'two' is not a number", message);
    }

    [Theory]
    [InlineData("prize", "there is no column 'prize', did you mean 'price'?", "id, area, city, price, kind", "1 to 5")]
    [InlineData("6", "there is no column '6'")]
    [InlineData("id", "there are 4 different values in 4 rows in column 'id'")]
    public void A_wrong_target_is_named(string target, params string[] expected)
    {
        string message = Assert.Throws<DataFormatException>(() => Read(Flats, new DataRequest { Target = target })).Message;
        Assert.All(expected, part => Assert.Contains(part, message));
    }

    [Fact]
    public void A_models_columns_are_found_by_name_in_any_order_or_by_their_order()
    {
        TableSchema columns = ReadBack(Read(Flats, new DataRequest { Target = "kind" }));
        float[] expected = [0, 0, 1, 0, 70, 0, 1, 300];
        foreach (string text in new[]
                 {
                     "price,more,city,area,id\n300,x,Ulm,70,f3\n",
                     "id,area,city,price,kind\nf3,70,Ulm,300,flat\n",
                     "f3,70,Ulm,300\n",
                     "f3,70,Ulm,300,flat\n",
                     "f3,70,\"Ulm\",3e2\n",
                 })
        {
            Assert.Equal(expected, Encode(columns, text));
        }

        Assert.Equal([0f, 0, 0, 0, 70, 0, 0, 1], Encode(columns, "?,NA,,1\n"));
    }

    [Theory]
    [InlineData("id,area,town,price\nf3,70,Ulm,300\n", "there is no column 'city'")]
    [InlineData("f3,70,Ulm\n", "has 3 fields; expected the 5 columns of the training data, or all but the target: id, area, city, price, kind")]
    [InlineData("f3,70,Rom,300\n", "line 1, column 3: 'Rom' is unknown in 'city'; expected one of 2: Bern, Ulm")]
    [InlineData("f3,much,Ulm,300\n", "line 1, column 2: 'much' is not a number")]
    public void Rows_that_do_not_fit_a_models_columns_are_errors(string text, string expected)
    {
        TableSchema columns = ReadBack(Read(Flats, new DataRequest { Target = "kind" }));
        Assert.Contains(expected, Assert.Throws<DataFormatException>(() => Encode(columns, text)).Message);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{\"name\":\"x\",\"fill\":1}]")]
    [InlineData("[{\"name\":\"x\"},{\"name\":\"y\",\"target\":true}]")]
    [InlineData("[{\"name\":\"x\",\"fill\":1},{\"name\":\"x\",\"target\":true}]")]
    [InlineData("[{\"name\":\"x\",\"fill\":\"1\"},{\"name\":\"y\",\"target\":true}]")]
    [InlineData("[{\"name\":\"x\",\"categories\":[\"a\",\"b\"]},{\"name\":\"y\",\"target\":true}]")]
    public void Columns_of_a_model_that_are_damaged_are_an_error(string metadata)
    {
        Network network = OfInputs(1).WithMetadata([new("columns", metadata)]);
        Assert.Contains("metadata 'columns'", Assert.Throws<ModelFormatException>(() => TableSchema.Of(network)).Message);
    }

    [Theory]
    [InlineData("b", "a")]
    [InlineData("a", "a")]
    public void Categories_of_a_model_are_different_and_in_order(string first, string second)
    {
        Network network = OfInputs(2).WithMetadata([new("columns", $$"""[{"name":"x","categories":["{{first}}","{{second}}"]},{"name":"y","target":true}]""")]);
        Assert.Contains("has categories that are not different texts in ordinal order", Assert.Throws<ModelFormatException>(() => TableSchema.Of(network)).Message);
    }

    [Fact]
    public void Every_fifth_row_with_a_number_is_test_and_held_out_rows_are_spread_over_the_numbers()
    {
        Dataset data = Read(string.Concat(Enumerable.Range(0, 100).Select(i => FormattableString.Invariant($"{i},{(i * 37 % 100) + 0.5}\n"))));
        Assert.Equal((80, 20), (data.Train.Rows, data.Test.Rows));
        Assert.Equal([4f, 9, 14], Enumerable.Range(0, 3).Select(i => Raw(data.Test, i, data)[0]));
        (DataView left, DataView held) = data.HoldOut(10);
        float[] numbers = [.. Enumerable.Range(0, 10).Select(i => held.Numbers(i)[0]).Order()];
        Assert.Equal(70, left.Rows);
        Assert.All(Enumerable.Range(0, 10), i => Assert.InRange(numbers[i], (10 * i) - 1, (10 * i) + 11));
    }

    [Fact]
    public void Targets_are_scaled_to_train_and_folded_back_into_the_network()
    {
        Dataset data = Read(string.Concat(Enumerable.Range(0, 50).Select(i => FormattableString.Invariant($"{i},{1000 + (i * 2.5)}\n"))));
        var scaling = TargetScaling.Fit(data.Train);
        var scaled = new float[data.Train.Rows];
        for (int i = 0; i < scaled.Length; i++)
            scaling.Apply(data.Train.Numbers(i), scaled.AsSpan(i, 1));
        Assert.Equal(0, scaled.Average(), 1e-4f);
        Assert.Equal(1, scaled.Average(x => x * x), 1e-4f);
        Network network = OfInputs(1);
        using var workspace = Workspace.For(network, 1);
        Span<float> plain = stackalloc float[1], folded = stackalloc float[1], back = stackalloc float[1];
        network.Predict([0.3f], plain, workspace);
        scaling.FoldInto(network).Predict([0.3f], folded, workspace);
        scaling.Apply(folded, back);
        Assert.Equal(plain[0], back[0], 1e-4f);
    }

    [Theory]
    [InlineData("1", 0)]
    [InlineData("2", 1)]
    [InlineData("3", 2)]
    public void A_column_is_learnt_by_its_number_in_a_file_without_names(string target, int learnt)
    {
        // The first row has all the numbers: none of them is a name.
        int[][] rows = [[1, 3, 2], [2, 1, 3], [3, 2, 1], [1, 3, 2], [2, 1, 3], [3, 2, 1]];
        Dataset data = Read(string.Concat(rows.Select(row => string.Join(',', row) + "\n")), new DataRequest { Target = target });
        Assert.Equal(rows.Select(row => row[learnt] - 1), Enumerable.Range(0, 6).Select(data.All.Label));
        Assert.Equal(rows[0].Where((_, i) => i != learnt).Select(value => (float)value), Raw(data, 0));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Rows_for_a_model_without_names_are_taken_in_order_with_the_target_or_without(string target)
    {
        TableSchema columns = ReadBack(Read("0,0,0,Bern\n1,1,1,Ulm\n0,0,0,Ulm\n1,1,1,Bern\n", new DataRequest { Target = target }));
        string[] inputs = [.. new[] { "10", "20", "30", "Ulm" }.Where((_, i) => i != int.Parse(target) - 1)];
        float[] expected = [float.Parse(inputs[0]), float.Parse(inputs[1]), 0, 1];
        Assert.Equal(expected, Encode(columns, string.Join(',', inputs) + "\n"));
        Assert.Equal(expected, Encode(columns, string.Join(',', (string[])[.. inputs[..(int.Parse(target) - 1)], "1", .. inputs[(int.Parse(target) - 1)..]]) + "\n"));
    }

    [Fact]
    public void A_column_of_gaps_is_left_out_and_said()
    {
        Dataset data = Read("x,nothing,class\n1,,0\n2,NA,1\n3,,0\n");
        Assert.Equal((1, ColumnRole.Ignored), (data.Features, data.Columns!.Columns[1].Role));
        Assert.Equal(["column 'nothing' is left out: there is nothing in it"], data.Notes);
    }

    [Fact]
    public void Numbers_and_texts_of_a_column_together_are_too_many()
    {
        string mixed = "code,x,class\n" + Rows(24, 3, (row, column) => column == 0 ? (row % 3 == 1 ? $"{row}" : $"t{row}") : $"{row % 2}");
        Dataset data = Read(mixed);
        Assert.Equal(["column 'code' is left out: it has 24 different texts in 24 rows"], data.Notes);
    }

    [Theory]
    [InlineData("nothing,class\n,0\nNA,1\n", "no column but the target 'class' has numbers, or a few texts, to learn from.")]
    [InlineData("x,class\n1,0\n2,\n", "line 3, column 2: the class is empty")]
    [InlineData("x,class\n1,0\n2,0.5\n3,b\n", "line 3, column 2: class '0.5' is a number but no integer")]
    public void A_table_without_something_to_learn_is_an_error(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<DataFormatException>(() => Read(text)).Message);

    [Theory]
    [InlineData("x\n1\n2\n", "there is no column 'class', which is to be learnt")]
    [InlineData("", "has no rows")]
    [InlineData("x,class\n", "has no rows")]
    public void A_table_for_a_model_has_its_target_and_a_row(string text, string expected)
    {
        Dataset data = Read("x,class\n1,0\n2,1\n3,0\n");
        Assert.Contains(expected, Assert.Throws<DataFormatException>(() => Read(text, new DataRequest { Columns = data.Columns })).Message);
    }

    [Fact]
    public void More_classes_than_are_told_apart_are_an_error() =>
        Assert.Contains("different classes", Assert.Throws<DataFormatException>(() => Read(Rows(70_000, 2, (row, column) => column == 0 ? "0" : $"c{row}"))).Message);

    private static string Rows(int rows, int columns, Func<int, int, string> cell) =>
        string.Concat(Enumerable.Range(0, rows).Select(row => string.Join(',', Enumerable.Range(0, columns).Select(column => cell(row, column))) + "\n"));

    private static string Letter(int number, int letters) => $"{(char)('a' + (number % letters))}";

    private static Network OfInputs(int inputs) =>
        NetworkInit.Glorot([inputs, 3, 1], Activation.Of(default(Relu)), Activation.Of(default(Identity)), Loss.LeastSquares, seed: 1, hasBiases: true);

    private static TableSchema ReadBack(Dataset data) => TableSchema.Of(OfInputs(data.Features).WithMetadata([data.Columns!.Metadata]))!;

    private static float[] Encode(TableSchema columns, string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        using var reader = new CsvRowReader(stream, "rows");
        Assert.True(reader.Read());
        var encoder = TableRowEncoder.Create(reader, columns);
        if (encoder.HasHeader)
            Assert.True(reader.Read());
        var row = new float[encoder.Features];
        encoder.Encode(row);
        return row;
    }

    private static float[] Raw(Dataset data, int row) => Raw(data.All, row, data);

    private static float[] Raw(DataView view, int row, Dataset data)
    {
        float[] values = Row(view, row);
        data.Preprocessing.Undo(values);
        return Array.ConvertAll(values, value => MathF.Round(value, 2));
    }

    private static float[] Row(DataView view, int row)
    {
        var values = new float[view.Features];
        view.CopyInputs(row, 1, values, values.Length);
        return values;
    }

    private Dataset Read(string text, DataRequest? request = null) => CsvReader.Read(_folder.Write("t.csv", text), request);
}
