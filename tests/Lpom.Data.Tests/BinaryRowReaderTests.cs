using System.Runtime.InteropServices;
using Lpom.Data.Tests.Support;

namespace Lpom.Data.Tests;

public sealed class BinaryRowReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_row_is_here_with_its_last_byte_and_no_later()
    {
        byte[] file = NpyBytes.Of("<f4", [3, 2], 1f, 2, 3, 4, 5, 6);
        using var stream = new Drops(file);
        using BinaryRowReader rows = BinaryRowReader.ReadNpy(stream, "pipe", 2);
        int header = file.Length - 24;
        var row = new float[2];
        for (int i = 0; i < 3; i++)
        {
            Assert.False(rows.HasRow);
            while (!rows.HasRow)
                rows.ReadAhead();
            Assert.Equal(header + 8 * (i + 1), stream.Given);
            Assert.True(rows.Read(row));
            Assert.Equal([2f * i + 1, 2f * i + 2], row);
        }

        // The end has to be seen before it is known.
        Assert.False(rows.HasRow);
        Assert.False(rows.Read(row));
        Assert.Equal(3, rows.Rows);
    }

    [Fact]
    public void A_pipe_may_declare_more_rows_than_memory_holds_and_is_believed_row_by_row()
    {
        byte[] file = [.. NpyBytes.Header(NpyBytes.Text("|u1", [1L << 40, 2])), 1, 2, 3, 4, 5];
        long before = GC.GetAllocatedBytesForCurrentThread();
        using BinaryRowReader rows = BinaryRowReader.ReadNpy(new MemoryStream(file), "pipe", 2);
        var row = new float[2];
        Assert.True(rows.Read(row) && rows.Read(row));
        Assert.Equal([3f, 4f], row);
        Assert.Equal("pipe: truncated: row 2 of 1099511627776 has 1 of 2 bytes.", Assert.Throws<DataFormatException>(() => rows.Read(row)).Message);
        Assert.Equal(2, rows.Rows);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Theory]
    [InlineData(1L << 40)]
    [InlineData(int.MaxValue)]
    public void Rows_of_another_length_are_refused_before_anything_is_allocated(long length)
    {
        byte[] file = NpyBytes.Header(NpyBytes.Text("<f8", [1, length]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<DataFormatException>(() => BinaryRowReader.ReadNpy(new MemoryStream(file), "pipe", 2)).Message;
        Assert.Equal($"pipe: is a float64 array of shape (1, {length}): {length} values a row, expected 2.", message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_a_bad_row_and_the_next_one_follows()
    {
        foreach (bool isFortran in new[] { false, true })
        {
            float[] values = isFortran ? [1, 3, 5, 2, float.PositiveInfinity, 6] : [1, 2, 3, float.PositiveInfinity, 5, 6];
            byte[] file = [.. NpyBytes.Header(NpyBytes.Text("<f4", [3, 2], isFortran)), .. MemoryMarshal.AsBytes<float>(values)];
            using BinaryRowReader rows = BinaryRowReader.OpenNpy(_folder.Write("t.npy", file), 2);
            var row = new float[2];
            Assert.True(rows.Read(row));
            Assert.Contains("value [1, 1] is Infinity", Assert.Throws<DataFormatException>(() => rows.Read(row)).Message);
            Assert.Equal(2, rows.Rows);
            Assert.True(rows.Read(row));
            Assert.Equal([5f, 6f], row);
            Assert.False(rows.Read(row));
        }
    }

    [Fact]
    public void Bytes_after_the_last_row_are_an_error()
    {
        byte[] file = [.. NpyBytes.Of<byte>("|u1", [2, 1], 1, 2), 3];
        using BinaryRowReader rows = BinaryRowReader.ReadNpy(new MemoryStream(file), "pipe", 1);
        var row = new float[1];
        Assert.True(rows.Read(row) && rows.Read(row));
        Assert.Equal("pipe: has bytes left over after 2 rows, expected the end.", Assert.Throws<DataFormatException>(() => rows.Read(row)).Message);
    }

    [Fact]
    public void A_damaged_member_of_an_archive_is_told_at_its_end()
    {
        byte[] zip = NpyBytes.Zip(System.IO.Compression.CompressionLevel.NoCompression, ("x.npy", NpyBytes.Of<byte>("|u1", [2, 1], 1, 2)));
        zip[zip.AsSpan().IndexOf("PK\x01\x02"u8) + 16] ^= 1;
        using BinaryRowReader rows = BinaryRowReader.OpenNpz(_folder.Write("t.npz", zip), 1);
        var row = new float[1];
        Assert.True(rows.Read(row) && rows.Read(row));
        Assert.Contains("t.npz: x.npy: has the checksum", Assert.Throws<DataFormatException>(() => rows.Read(row)).Message);
    }

    [Fact]
    public void Images_and_raw_bytes_come_row_by_row_and_one_that_is_cut_short_is_an_error()
    {
        byte[] images = IdxBytes.Images(3, 2, 2);
        byte[] pixels = images[16..];
        AssertRows(() => BinaryRowReader.ReadIdx(new MemoryStream(images), "pipe", 4), 3);
        AssertRows(() => BinaryRowReader.ReadRaw(new MemoryStream(pixels), "pipe", 4), 3);
        AssertRows(() => BinaryRowReader.ReadIdx(new MemoryStream(images[..^1]), "pipe", 4), 2, "pipe: truncated: image 2 of 3 has 3 of 4 bytes.");
        AssertRows(() => BinaryRowReader.ReadRaw(new MemoryStream(pixels[..^1]), "pipe", 4), 2, "pipe: truncated: sample 2 has 3 of 4 bytes.");
        Assert.Equal(
            "pipe: images of 2×2 are 4 values, expected 9.",
            Assert.Throws<DataFormatException>(() => BinaryRowReader.ReadIdx(new MemoryStream(images), "pipe", 9)).Message);

        void AssertRows(Func<BinaryRowReader> open, int count, string? error = null)
        {
            using BinaryRowReader rows = open();
            var row = new float[4];
            for (int i = 0; i < count; i++)
            {
                Assert.True(rows.Read(row));
                Assert.Equal(pixels.Skip(4 * i).Take(4).Select(pixel => (float)pixel), row);
            }

            if (error is null)
                Assert.False(rows.Read(row));
            else
                Assert.Equal(error, Assert.Throws<DataFormatException>(() => rows.Read(row)).Message);
        }
    }

    [Fact]
    public void An_array_in_Fortran_order_is_read_from_a_file_and_refused_from_a_pipe()
    {
        byte[] file = [.. NpyBytes.Header("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }"), 1, 4, 2, 5, 3, 6];
        using (BinaryRowReader rows = BinaryRowReader.OpenNpy(_folder.Write("f.npy", file), 3))
        {
            var row = new float[3];
            Assert.True(rows.Read(row));
            Assert.Equal([1f, 2, 3], row);
            Assert.True(rows.Read(row));
            Assert.Equal([4f, 5, 6], row);
            Assert.False(rows.Read(row));
        }

        Assert.Contains("Fortran order", Assert.Throws<DataFormatException>(() => BinaryRowReader.ReadNpy(new MemoryStream(file), "pipe", 3)).Message);
    }

    [Fact]
    public void Reading_rows_allocates_nothing()
    {
        byte[] file = NpyBytes.Of(">f4", [15_000, 16], new float[240_000]);
        using BinaryRowReader rows = BinaryRowReader.ReadNpy(new MemoryStream(file), "memory", 16);
        var row = new float[16];
        Assert.True(rows.Read(row));
        int count = 1;
        long allocated = ThreadAllocations.Least(() =>
        {
            for (int i = 0; i < 4900 && rows.Read(row); i++)
                count++;
        });
        while (rows.Read(row))
            count++;
        Assert.Equal((15_000, 0L), (count, allocated));
    }

    private sealed class Drops(byte[] content) : MemoryStream(content)
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
