using System.Globalization;
using System.Text;
using Lpom.Data.Tests.Support;
using Lpom.Simd.Kernels.Random;

namespace Lpom.Data.Tests;

public sealed class CsvReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1,2,0\n3,4,1\n")]
    [InlineData("1,2,0\n3,4,1")]
    [InlineData("1,2,0\r\n3,4,1\r\n")]
    [InlineData("\uFEFF1,2,0\n3,4,1\n\n\r\n")]
    [InlineData("a,b,label\n1,2,0\n3,4,1\n")]
    [InlineData("\"a, first\",\"b \"\"quoted\"\"\",\"label\"\n\"1\", 2 ,\"0\"\n 3,\"4\" ,1\n")]
    [InlineData("1;2;0\n3;4;1\n")]
    [InlineData("1\t2\t0\n3\t4\t1\n")]
    [InlineData("1.0e0,+2,0.0\n.3e1,4.000,1.0\n")]
    public void Every_form_gives_the_same_table(string text)
    {
        foreach (string name in new[] { "t.csv", "t.csv.gz" })
        {
            Dataset data = CsvReader.Read(_folder.Write(name, text));
            Assert.Equal("t", data.Name);
            Assert.Equal([1f, 2f, 3f, 4f], Raw(data));
            Assert.Equal(["0", "1"], data.ClassNames);
            Assert.Equal((0, 1), (data.All.Label(0), data.All.Label(1)));
        }
    }

    [Fact]
    public void Numbers_come_back_to_the_last_bit()
    {
        var rng = new Rng(1);
        float[] values = Enumerable.Range(0, 400).Select(_ => rng.NextGaussian() * MathF.Pow(10, rng.NextInt(20) - 10)).ToArray();
        var text = new StringBuilder();
        for (int row = 0; row < 100; row++)
            text.Append(CultureInfo.InvariantCulture, $"{values[4 * row]:R},{values[4 * row + 1]:R},{values[4 * row + 2]:R},{values[4 * row + 3]:R},{row % 3}\n");
        Assert.Equal(values, Raw(CsvReader.Read(_folder.Write("t.csv", text.ToString()))));
    }

    [Fact]
    public void Pixels_are_divided_by_the_largest_value_of_the_training_part()
    {
        // The fifth row of class 0 is test: its 255 does not count.
        Dataset data = CsvReader.Read(_folder.Write("t.csv", Images("1,0", "2,0", "250,0", "4,0", "255,0", "6,1")));
        Assert.Equal(1f / 250f, Assert.Single(data.Preprocessing.Scales.ToArray()));
        Assert.Equal((5, 1, StratifiedSplit.Rule), (data.Train.Rows, data.Test.Rows, data.SplitRule));
        Dataset zeros = CsvReader.Read(_folder.Write("z.csv", Images("0,0", "0,1")));
        Assert.Equal(1f, Assert.Single(zeros.Preprocessing.Scales.ToArray()));
    }

    [Fact]
    public void Class_names_are_sorted_by_name_and_integers_by_value()
    {
        Assert.Equal(["setosa", "versicolor"], CsvReader.Read(_folder.Write("n.csv", "1,versicolor\n2,setosa\n3,setosa\n")).ClassNames);
        Dataset integers = CsvReader.Read(_folder.Write("i.csv", "1,10\n2,-1\n3,9\n1,10\n2,-1\n3,9\n"));
        Assert.Equal(["-1", "9", "10"], integers.ClassNames);
        Assert.Equal((2, 0, 1), (integers.All.Label(0), integers.All.Label(1), integers.All.Label(2)));
    }

    [Fact]
    public void The_classes_of_a_model_keep_their_labels()
    {
        string path = _folder.Write("t.csv", "1,c\n2,a\n");
        Dataset data = CsvReader.Read(path, new DataRequest { ClassNames = ["a", "b", "c"] });
        Assert.Equal((2, 0, 3), (data.All.Label(0), data.All.Label(1), data.Classes));
        AssertError("1,a\n2,d\n", ["a", "b"], "line 2, column 2", "class 'd'", "a, b");
    }

    [Theory]
    [InlineData("1,2,0\n3,x,1\n", "line 2, column 2", "'x' is not a number")]
    [InlineData("1,x,0\n3,4,1\n", "line 1, column 2", "'x'")]
    [InlineData("1,2,0\n3,NaN,1\n", "line 2, column 2", "not finite")]
    [InlineData("Infinity,2,0\n", "line 1, column 1", "not finite")]
    [InlineData("1,1e39,0\n", "line 1, column 2", "not finite")]
    [InlineData("1,2,0\n3,4,5,1\n", "line 2", "4 fields", "expected 3")]
    [InlineData("1,2,0\n3,4\n", "line 2", "2 fields")]
    [InlineData("1,2,0\n\n3,4,1\n", "line 2 is blank")]
    [InlineData("1,2,0\n3,\"4,1\n5,6,1\n", "line 2, column 2", "does not end")]
    [InlineData("1,2,0\n3,\"4\"5,1\n", "line 2, column 2", "after a quoted field")]
    [InlineData("1,2,0\n3,4,\n", "line 2, column 3", "class is empty")]
    [InlineData("1,2,0\n3,4,1.5\n", "line 2, column 3", "is 1.5", "integer or a name")]
    [InlineData("1,2,0\n3,4,nan\n", "line 2, column 3", "is NaN")]
    [InlineData("1,2,3\n4,5,6\n7,8,9\n", "3 different values in 3 rows")]
    [InlineData("1,2,0\n3,4,0\n", "every row is of class '0'", "at least two")]
    [InlineData("12\n13\n", "line 1", "one field")]
    [InlineData("a,b,c\n", "no rows")]
    [InlineData("", "no rows")]
    [InlineData("1,2,0\n1,\u0007\u001b[31mred,0\n", "line 2, column 2", "'??[31mred'")]
    public void Bad_input_is_named_with_its_place(string text, params string[] expected) => AssertError(text, null, expected);

    [Theory]
    [InlineData("0,1,2,label\n5,6,7,a\n8,9,7,b\n", 2)]
    [InlineData("0,1,2,3\n5,6,7,0\n8,9,7,1\n", 2)]
    [InlineData("1,2,3,4\n5,6,7,0\n8,9,7,1\n", 2)]
    [InlineData("\"0\",\"1\",\"2\",\"class\"\n5,6,7,a\n8,9,7,b\n", 2)]
    [InlineData("0,1,2,0\n5,6,7,1\n", 2)]
    [InlineData("0,1,3,a\n5,6,7,b\n", 2)]
    [InlineData("0,1,a\n5,6,b\n", 2)]
    [InlineData("2,3,4,a\n5,6,7,b\n", 2)]
    [InlineData("0.0,1,2,a\n5,6,7,b\n", 2)]
    public void A_first_line_that_numbers_at_least_three_columns_is_a_header(string text, int rows) =>
        Assert.Equal(rows, CsvReader.Read(_folder.Write("t.csv", text)).All.Rows);

    [Fact]
    public void Text_in_other_encodings_is_an_error()
    {
        string latin = _folder.Write("latin.csv", Encoding.Latin1.GetBytes("1,2,caf\u00E9\n3,4,b\n"));
        Assert.Contains("line 1, column 3", Assert.Throws<DataFormatException>(() => CsvReader.Read(latin)).Message);
        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            string path = _folder.Write("wide.csv", [.. encoding.GetPreamble(), .. encoding.GetBytes("1,2,a\n3,4,b\n")]);
            Assert.EndsWith("line 1 is UTF-16; expected UTF-8.", Assert.Throws<DataFormatException>(() => CsvReader.Read(path)).Message);
        }
    }

    [Fact]
    public void A_line_without_an_end_is_an_error()
    {
        byte[] endless = new byte[CsvRowReader.MaxLineBytes + 10];
        Array.Fill(endless, (byte)'1');
        string path = _folder.Write("t.csv", endless);
        Assert.Contains("line 1 is longer than 16777216 bytes", Assert.Throws<DataFormatException>(() => CsvReader.Read(path)).Message);
    }

    [Fact]
    public void A_gzip_file_cut_at_any_byte_is_an_error()
    {
        byte[] file = TempFolder.Gzip(Encoding.ASCII.GetBytes("1,2,0\n3,4,1\n5,6,0\n7,8,1\n"));
        for (int length = 0; length < file.Length; length++)
        {
            string path = _folder.Write("t.csv.gz", file.AsSpan(0, length));
            Assert.StartsWith(path, Assert.Throws<DataFormatException>(() => CsvReader.Read(path)).Message);
        }
    }

    [Fact]
    public void A_gzip_bomb_is_an_error()
    {
        string path = _folder.Write("t.csv.gz", string.Concat(Enumerable.Repeat("0,0\n1,1\n", 100_000)));
        string message = Assert.Throws<DataFormatException>(() => CsvReader.Read(() => SourceFile.Open(path), "t", new DataRequest(), maxDecompressedBytes: 500_000)).Message;
        Assert.Equal($"{path}: expands to more than 500000 bytes, the most allowed.", message);
    }

    [Fact]
    public void A_missing_file_is_not_found() =>
        Assert.Throws<DataNotFoundException>(() => CsvReader.Read(Path.Combine(_folder.Path, "none.csv")));

    [Fact]
    public void Lines_are_given_before_the_input_ends_and_go_on_after_an_error()
    {
        using var input = new OneByteAtATime("1,2\n\"x\n3,4\n"u8.ToArray());
        var reader = new CsvRowReader(input, "input");
        Assert.True(reader.Read());
        Assert.Equal(4, input.Given);
        Assert.Equal((1L, 2, 2f), (reader.Line, reader.Fields, reader.Number(1)));
        Assert.Throws<DataFormatException>(() => reader.Read());
        Assert.True(reader.Read());
        Assert.Equal((3L, 3f), (reader.Line, reader.Number(0)));
        Assert.False(reader.Read());
    }

    [Fact]
    public void Whether_a_line_is_here_is_told_without_waiting()
    {
        using var input = new OneByteAtATime("\uFEFF1,2\r\n\n\n3,4\n\n"u8.ToArray());
        var reader = new CsvRowReader(input, "input");
        Assert.False(reader.HasRow);
        while (!reader.HasRow)
            reader.ReadAhead();
        Assert.Equal(8, input.Given);
        Assert.True(reader.Read() && reader.Number(0) == 1 && reader.Number(1) == 2);
        // Blank lines are no rows; which of them are errors is known with the row after them.
        while (!reader.HasRow)
            reader.ReadAhead();
        Assert.Equal(14, input.Given);
        foreach (int line in new[] { 2, 3 })
        {
            Assert.Contains($"line {line} is blank", Assert.Throws<DataFormatException>(() => reader.Read()).Message);
            Assert.Equal((line, true), ((int)reader.Line, reader.HasRow));
        }

        Assert.True(reader.Read() && reader.Line == 4 && reader.Number(0) == 3);
        Assert.False(reader.HasRow);
        Assert.False(reader.Read());
        Assert.Equal((5L, true), (reader.Line, reader.HasRow));
    }

    [Fact]
    public void Reading_lines_allocates_nothing()
    {
        byte[] text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1,2.5,\"3\",-4e-3,name\n", 1000)));
        using var stream = new MemoryStream(text);
        var reader = new CsvRowReader(stream, "memory");
        Assert.True(reader.Read() && reader.Number(1) == 2.5f);
        float sum = 0;
        long allocated = ThreadAllocations.Least(() =>
        {
            for (int i = 0; i < 300 && reader.Read(); i++)
                sum += reader.Number(0) + reader.Number(1) + reader.Number(2) + reader.Number(3) + reader.Field(4).Length;
        });
        while (reader.Read())
            sum += 10.496f;
        Assert.Equal(0, allocated);
        Assert.Equal(999 * 10.496f, sum, 1f);
    }

    /// <summary>63 black pixels before what is given.</summary>
    private static string Images(params string[] rows) => string.Concat(rows.Select(row => $"{string.Concat(Enumerable.Repeat("0,", 63))}{row}\n"));

    private static float[] Raw(Dataset data)
    {
        DataView all = data.WithPreprocessing(Preprocessing.Identity).All;
        var values = new float[all.Rows * all.Features];
        all.CopyInputs(0, all.Rows, values, all.Features);
        return values;
    }

    private void AssertError(string text, string[]? classNames, params string[] expected)
    {
        string path = _folder.Write("bad.csv", text);
        DataFormatException e = Assert.Throws<DataFormatException>(() => CsvReader.Read(path, new DataRequest { ClassNames = classNames }));
        Assert.StartsWith(path, e.Message);
        Assert.DoesNotContain('\n', e.Message);
        Assert.All(expected, part => Assert.Contains(part, e.Message));
    }

    private sealed class OneByteAtATime(byte[] content) : MemoryStream(content)
    {
        public int Given { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            int read = base.Read(buffer[..Math.Min(1, buffer.Length)]);
            Given += read;
            return read;
        }
    }
}
