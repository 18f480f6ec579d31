using System.Runtime.InteropServices;
using FsCheck.Fluent;
using Lpom.Data.Tests.Support;

namespace Lpom.Data.Tests;

public sealed class NpyReaderTests : IDisposable
{
    private static readonly string[] Types = ["|b1", "|u1", "|i1", "<u2", ">u2", "<i4", ">i4", "<i8", ">u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Arrays_of_any_shape_type_and_order_come_back()
    {
        var cases =
            from shape in Gen.Choose(1, 5).Select(n => (long)n).ArrayOf().Where(s => s.Length is > 0 and < 5)
            from type in Gen.Elements(Types)
            from isFortran in Gen.Elements(false, true)
            from version in Gen.Choose(1, 3)
            select (shape, type, isFortran, version);
        Property.Holds(cases, c =>
        {
            int length = (int)c.shape.Aggregate(1L, (a, b) => a * b);
            float[] expected = Enumerable.Range(0, length).Select(i => c.type == "|b1" ? i % 2 : (float)(i % 120)).ToArray();
            byte[] file = [.. NpyBytes.Header(NpyBytes.Text(c.type, c.shape, c.isFortran), (byte)c.version), .. Encode(c.type, c.isFortran ? InFortranOrder(expected, c.shape) : expected)];
            using NpyArray array = NpyArray.Open(SourceFile.FromStream(new MemoryStream(file), "memory"));
            float[] values = new float[length];
            array.ReadFloats(values, 0);
            return values.SequenceEqual(expected) && array.Rows == c.shape[0];
        });
    }

    [Fact]
    public void Bytes_stay_bytes_in_either_order()
    {
        byte[] values = [0, 1, 2, 253, 254, 255];
        foreach (bool isFortran in new[] { false, true })
        {
            byte[] stored = isFortran ? [0, 253, 1, 254, 2, 255] : values;
            byte[] file = [.. NpyBytes.Header(NpyBytes.Text("|u1", [2, 3], isFortran)), .. stored];
            using NpyArray array = NpyArray.Open(SourceFile.FromStream(new MemoryStream(file), "memory"));
            byte[] read = new byte[7];
            array.ReadBytes(read, 1);
            Assert.Equal([0, .. values], read);
        }
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }")]
    [InlineData("{\"shape\":(2,1,),\"fortran_order\":False,\"descr\":\"<f4\"}")]
    [InlineData("  { 'fortran_order' : True ,\t'shape' : ( 2 , 1 ) , 'descr' : '<f4' }  \n\n")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 1L), }")]
    public void Headers_may_be_written_in_other_ways(string text)
    {
        byte[] file = [.. NpyBytes.Header(text), .. MemoryMarshal.AsBytes<float>([1.5f, -2f])];
        using NpyArray array = NpyArray.Open(SourceFile.FromStream(new MemoryStream(file), "memory"));
        float[] values = new float[2];
        array.ReadFloats(values, 0);
        Assert.Equal([1.5f, -2f], values);
    }

    [Theory]
    [InlineData("", "has the end; expected '{' (byte 11)")]
    [InlineData("{}", "has no 'descr'")]
    [InlineData("{'descr': '<f4'}", "has no 'fortran_order'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "has no 'shape'")]
    [InlineData("{'descr': '<f4', 'descr': '<f4'}", "key 'descr' twice (byte 27)")]
    [InlineData("{'descr': '<f4', 'version': 1}", "unknown key 'version'")]
    [InlineData("{'descr': '<f4' 'fortran_order': False}", "has '''; expected '}' (byte 26)")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", "has '0'; expected True or False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}", "has ')'; expected ','")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 1)}", "has '-'; expected a whole number")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1.0)}", "has '.'; expected ')'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1)}", "dimension of 99999999999999999999")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1)} x", "has 'x'; expected the end")]
    [InlineData("{'descr': '<f4", "without its closing quote")]
    [InlineData("{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (2,)}", "structured type; expected numbers")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", "values of type '|O'; expected numbers")]
    [InlineData("{'descr': '<U5', 'fortran_order': False, 'shape': (2,)}", "'<U5'")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (2,)}", "'<c8'")]
    [InlineData("{'descr': '|f4', 'fortran_order': False, 'shape': (2,)}", "'|f4'")]
    [InlineData("{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (2,)}", "has '_'; expected a type, such as '<f4' in quotes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "shape (); expected 1 to 64 dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4)}", "shape (0, 4); expected at least one row")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 0)}", "at least one row and one value")]
    public void Bad_headers_are_named_with_their_place(string text, string expected) =>
        AssertError([.. NpyBytes.Header(text), .. new byte[8]], expected);

    [Fact]
    public void What_is_no_npy_file_is_an_error()
    {
        AssertError("hello, world"u8.ToArray(), "starts with the bytes 68656C6C6F2C, expected 934E554D5059 (NPY)");
        AssertError(NpyBytes.Header("{}", major: 4), "NPY version 4.0", "expected 1.0, 2.0 or 3.0");
        AssertError(NpyBytes.Header("{}", major: 1, minor: 1), "NPY version 1.1");
        AssertError([0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0x7F], "header of 2147483647 bytes");
    }

    [Theory]
    [InlineData("t.npy")]
    [InlineData("t.npy.gz")]
    public void A_file_cut_at_any_byte_is_an_error(string name)
    {
        byte[] file = NpyBytes.Of("<f4", [3, 3], 1f, 2, 0, 3, 4, 1, 5, 6, 0);
        file = name.EndsWith(".gz", StringComparison.Ordinal) ? TempFolder.Gzip(file) : file;
        Assert.Equal(3, NpyReader.ReadTable(_folder.Write(name, file)).All.Rows);
        for (int length = 0; length < file.Length; length++)
        {
            string path = _folder.Write(name, file.AsSpan(0, length));
            Assert.StartsWith(path, Assert.Throws<DataFormatException>(() => NpyReader.ReadTable(path)).Message);
        }
    }

    [Fact]
    public void Bytes_left_over_are_an_error()
    {
        byte[] file = [.. NpyBytes.Of<byte>("|u1", [2, 2], 1, 0, 2, 1), 9];
        AssertError(file, "bytes left over");
        string path = _folder.Write("t.npy.gz", TempFolder.Gzip(file));
        Assert.Contains("left over", Assert.Throws<DataFormatException>(() => NpyReader.ReadTable(path)).Message);
    }

    [Theory]
    [InlineData("<f4", 1L << 40, 2)]
    [InlineData("<f8", 1L << 62, 1L << 62)]
    [InlineData("|u1", long.MaxValue, long.MaxValue)]
    [InlineData("|u1", 1L << 31, 1)]
    [InlineData("<f4", 2, 1L << 40)]
    public void Absurd_shapes_are_an_error_and_allocate_nothing_large(string type, long rows, long columns)
    {
        byte[] file = [.. NpyBytes.Header(NpyBytes.Text(type, [rows, columns])), .. new byte[100]];
        foreach (string path in new[] { _folder.Write("t.npy", file), _folder.Write("t.npy.gz", TempFolder.Gzip(file)), _folder.Write("t.npz", NpyBytes.Zip(System.IO.Compression.CompressionLevel.Optimal, ("x.npy", file), ("y.npy", file))) })
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            string message = Assert.Throws<DataFormatException>(() => NamedData.Load(path)).Message;
            Assert.StartsWith(path, message);
            Assert.Contains($"shape ({rows}, {columns})", message);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        }
    }

    [Theory]
    [InlineData("<f4", 1, 2, "value [1, 2] is NaN; expected a finite number")]
    [InlineData("<f8", 2, 0, "value [2, 0] is NaN")]
    public void Values_that_are_not_finite_are_named_with_their_index(string type, int row, int column, string expected)
    {
        double[] values = [1, 2, 3, 0, 4, 5, 6, 1, 7, 8, 9, 0];
        values[row * 4 + column] = double.NaN;
        AssertError(type == "<f8" ? NpyBytes.Of(type, [3, 4], values) : NpyBytes.Of(type, [3, 4], Array.ConvertAll(values, v => (float)v)), expected);
        values[row * 4 + column] = 1e39;
        if (type == "<f8")
            AssertError(NpyBytes.Of(type, [3, 4], values), $"value [{row}, {column}] is Infinity");
    }

    [Fact]
    public void A_table_needs_classes_in_its_last_column()
    {
        AssertError(NpyBytes.Of("<f4", [3, 2], 1f, 0.5f, 2, 1, 3, 0), "value [0, 1] is 0.5; expected a class, which is an integer");
        AssertError(NpyBytes.Of("<f4", [3, 2], 1f, float.NaN, 2, 1, 3, 0), "value [0, 1] is NaN; expected a class");
        AssertError(NpyBytes.Of("<f4", [2, 2], 1f, 4, 2, 4), "every row is of class '4'; expected at least two classes in the last column");
        AssertError(NpyBytes.Of("<f4", [4, 2], 1f, 1, 2, 2, 3, 3, 4, 4), "4 different values in 4 rows in the last column");
        AssertError(NpyBytes.Of("<f4", [4], 1f, 1, 2, 2), "expected a table whose last column is the class", "np.savez");
        AssertError(NpyBytes.Of<byte>("|u1", [1, 2, 2], 1, 1, 2, 2), "expected a table");
    }

    [Fact]
    public void A_table_of_bytes_is_kept_as_bytes_and_a_model_s_classes_keep_their_labels()
    {
        byte[] file = NpyBytes.Of<byte>("|u1", [4, 3], 10, 20, 7, 30, 40, 9, 50, 200, 7, 1, 2, 9);
        Dataset data = NpyReader.ReadTable(_folder.Write("t.npy", file), new DataRequest { ClassNames = ["9", "8", "7"] });
        Assert.Equal([2, 0, 2, 0], Enumerable.Range(0, 4).Select(data.All.Label));
        Assert.Equal((3, 1f / 200f), (data.Classes, data.Preprocessing.Scales.Span[0]));
        string message = Assert.Throws<DataFormatException>(() => NpyReader.ReadTable(_folder.Write("t.npy", file), new DataRequest { ClassNames = ["9", "8"] })).Message;
        Assert.Contains("value [0, 2] class '7' is unknown; expected one of 2: 9, 8", message);
    }

    [Fact]
    public void Large_integers_keep_their_classes_apart()
    {
        // Float32 does not tell 2²⁴ from 2²⁴ + 1.
        Dataset data = NpyReader.ReadTable(_folder.Write("t.npy", NpyBytes.Of("<i4", [4, 2], 1, 1 << 24, 2, (1 << 24) + 1, 3, 1 << 24, 4, (1 << 24) + 1)));
        Assert.Equal(["16777216", "16777217"], data.ClassNames);
    }

    [Fact]
    public void A_changed_byte_is_an_error_or_changes_a_value_and_no_more()
    {
        byte[] file = NpyBytes.Of<short>("<i2", [4, 2], 1, 0, 2, 1, 3, 0, 4, 1);
        for (int at = 0; at < file.Length; at++)
        {
            foreach (byte change in new byte[] { 1, 0x20, 0xFF })
            {
                file[at] ^= change;
                string path = _folder.Write("t.npy", file);
                try
                {
                    Dataset data = NpyReader.ReadTable(path);
                    Assert.Equal(8, data.All.Rows * (data.Features + 1));
                }
                catch (DataFormatException e)
                {
                    Assert.StartsWith(path, e.Message);
                    Assert.DoesNotContain('\n', e.Message);
                }

                file[at] ^= change;
            }
        }
    }

    private void AssertError(byte[] file, params string[] expected)
    {
        string path = _folder.Write("bad.npy", file);
        string message = Assert.Throws<DataFormatException>(() => NpyReader.ReadTable(path)).Message;
        Assert.StartsWith(path, message);
        Assert.DoesNotContain('\n', message);
        Assert.All(expected, part => Assert.Contains(part, message));
    }

    private static byte[] Encode(string type, float[] values)
    {
        byte[] raw = type[1..] switch
        {
            "b1" or "u1" or "i1" => Array.ConvertAll(values, v => (byte)v),
            "u2" => Bytes(values, v => (ushort)v),
            "i4" => Bytes(values, v => (int)v),
            "i8" => Bytes(values, v => (long)v),
            "u8" => Bytes(values, v => (ulong)v),
            "f2" => Bytes(values, v => (Half)v),
            "f4" => Bytes(values, v => v),
            _ => Bytes(values, v => (double)v),
        };
        int size = type[2] - '0';
        for (int i = 0; type[0] == '>' && i < raw.Length; i += size)
            Array.Reverse(raw, i, size);
        return raw;
    }

    private static byte[] Bytes<T>(float[] values, Converter<float, T> convert)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(Array.ConvertAll(values, convert)).ToArray();

    private static float[] InFortranOrder(float[] values, long[] shape)
    {
        var result = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            long rest = i, place = 0, step = values.Length;
            for (int dimension = shape.Length - 1; dimension >= 0; dimension--)
            {
                step /= shape[dimension];
                place += rest % shape[dimension] * step;
                rest /= shape[dimension];
            }

            result[place] = values[i];
        }

        return result;
    }
}
