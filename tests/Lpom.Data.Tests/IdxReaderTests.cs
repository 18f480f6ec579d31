using System.Text;
using Lpom.Data.Tests.Support;

namespace Lpom.Data.Tests;

public sealed class IdxReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("images")]
    [InlineData("images.gz")]
    public void Images_come_back_as_they_were_written(string name)
    {
        byte[] file = IdxBytes.Images(7, 5, 3);
        IdxImages images = IdxReader.ReadImages(Write(name, file));
        Assert.Equal((7, 5, 3), (images.Count, images.Height, images.Width));
        Assert.Equal(file[16..], images.Pixels.ToArray());
    }

    [Theory]
    [InlineData("labels")]
    [InlineData("labels.gz")]
    public void Labels_come_back_as_they_were_written(string name) =>
        Assert.Equal([3, 1, 255], IdxReader.ReadLabels(Write(name, IdxBytes.Labels(3, 1, 255))));

    [Fact]
    public void A_plain_file_cut_at_any_byte_is_an_error()
    {
        byte[] file = IdxBytes.Images(3, 4, 5);
        for (int length = 0; length < file.Length; length++)
        {
            string path = _folder.Write("images", file.AsSpan(0, length));
            DataFormatException e = Assert.Throws<DataFormatException>(() => IdxReader.ReadImages(path));
            Assert.StartsWith(path, e.Message);
            Assert.Contains("truncated", e.Message);
        }
    }

    [Fact]
    public void A_gzip_file_cut_at_any_byte_is_an_error()
    {
        byte[] file = TempFolder.Gzip(IdxBytes.Images(3, 4, 5));
        for (int length = 0; length < file.Length; length++)
        {
            string path = _folder.Write("images.gz", file.AsSpan(0, length));
            DataFormatException e = Assert.Throws<DataFormatException>(() => IdxReader.ReadImages(path));
            Assert.StartsWith(path, e.Message);
        }
    }

    [Fact]
    public void A_gzip_file_cut_in_its_trailer_is_called_truncated()
    {
        byte[] file = TempFolder.Gzip(IdxBytes.CyclicLabels(2000));
        for (int cut = 1; cut <= 8; cut++)
            AssertError(() => IdxReader.ReadLabels(_folder.Write("labels.gz", file.AsSpan(0, file.Length - cut))), "truncated");
    }

    [Fact]
    public void A_damaged_gzip_file_is_an_error()
    {
        byte[] file = TempFolder.Gzip(IdxBytes.CyclicLabels(2000));
        file[^6] ^= 1; // a bit of the checksum
        AssertError(() => IdxReader.ReadLabels(_folder.Write("labels.gz", file)), "gzip data is damaged");
    }

    [Fact]
    public void A_file_named_gz_that_is_none_is_an_error() =>
        AssertError(() => IdxReader.ReadLabels(_folder.Write("labels.gz", IdxBytes.Labels(5))), "does not start as a gzip file");

    [Fact]
    public void Bytes_left_over_are_an_error()
    {
        byte[] file = [.. IdxBytes.Labels(1, 2), 0];
        AssertError(() => IdxReader.ReadLabels(Write("labels", file)), "2 labels", "left over");
        AssertError(() => IdxReader.ReadLabels(Write("labels.gz", file)), "left over");
    }

    [Fact]
    public void A_wrong_magic_is_an_error()
    {
        AssertError(() => IdxReader.ReadImages(_folder.Write("a", IdxBytes.CyclicLabels(20))), "magic", "0x00000801", "0x00000803");
        AssertError(() => IdxReader.ReadLabels(_folder.Write("b", IdxBytes.Images(1, 2, 2))), "magic", "0x00000803", "0x00000801");
        AssertError(() => IdxReader.ReadImages(_folder.Write("c", Encoding.ASCII.GetBytes("<!DOCTYPE html><html></html>"))), "magic", "0x3C21444F");
    }

    [Theory]
    [InlineData(0x80000000u, 28u, 28u)]
    [InlineData(0x80000000u, 1u, 1u)]
    [InlineData(0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu)]
    [InlineData(0xFFFFFFFFu, 65536u, 65536u)]
    [InlineData(60000u, 28u, 28u)]
    [InlineData(0u, 28u, 28u)]
    [InlineData(1u, 0u, 28u)]
    public void Absurd_dimensions_are_an_error_and_allocate_nothing_large(uint count, uint height, uint width)
    {
        byte[] file = [.. IdxBytes.Header(0x0803, count, height, width), .. new byte[100]];
        foreach (string path in new[] { Write("images", file), Write("images.gz", file) })
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            AssertError(() => IdxReader.ReadImages(path), $"{count} images of {height}×{width}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        }
    }

    [Fact]
    public void Absurd_numbers_of_labels_are_an_error_and_allocate_nothing_large()
    {
        string path = _folder.Write("labels", IdxBytes.Header(0x0801, 0xFFFFFFFF));
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertError(() => IdxReader.ReadLabels(path), "4294967295 labels");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void A_gzip_bomb_is_read_no_further_than_its_header_declares()
    {
        byte[] bomb = new byte[64 << 20];
        IdxBytes.Labels(1, 2).CopyTo(bomb, 0);
        string path = _folder.Write("labels.gz", TempFolder.Gzip(bomb));
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertError(() => IdxReader.ReadLabels(path), "left over");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void A_gzip_file_that_declares_more_than_it_holds_is_an_error_and_allocates_nothing_large()
    {
        byte[] noise = new byte[100_000];
        new Random(1).NextBytes(noise);
        // Deflate could make 50 MB of as many bytes; it does not.
        string path = Write("images.gz", [.. IdxBytes.Header(0x0803, 50, 1000, 1000), .. noise]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertError(() => IdxReader.ReadImages(path), "50 images of 1000×1000", "holds 100016");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void A_gzip_file_that_expands_to_much_is_read()
    {
        string path = Write("images.gz", [.. IdxBytes.Header(0x0803, 50, 100, 100), .. new byte[500_000]]);
        IdxImages images = IdxReader.ReadImages(path);
        Assert.Equal(new byte[500_000], images.Pixels.ToArray());
    }

    [Fact]
    public void A_missing_file_is_not_found_and_a_folder_cannot_be_read()
    {
        Assert.Contains("no such file", Assert.Throws<DataNotFoundException>(() => IdxReader.ReadLabels(Path.Combine(_folder.Path, "none"))).Message);
        AssertError(() => IdxReader.ReadLabels(_folder.Path), "cannot be read");
    }

    private string Write(string name, byte[] content) =>
        _folder.Write(name, name.EndsWith(".gz", StringComparison.Ordinal) ? TempFolder.Gzip(content) : content);

    private void AssertError(Action action, params string[] expected)
    {
        DataFormatException e = Assert.Throws<DataFormatException>(action);
        Assert.StartsWith(_folder.Path, e.Message);
        Assert.DoesNotContain('\n', e.Message);
        Assert.All(expected, text => Assert.Contains(text, e.Message));
    }
}
