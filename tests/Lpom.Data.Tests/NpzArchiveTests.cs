using System.Buffers.Binary;
using System.IO.Compression;
using Lpom.Data.Tests.Support;

namespace Lpom.Data.Tests;

public sealed class NpzArchiveTests : IDisposable
{
    private const int CentralCompressed = 20, CentralLength = 24, CentralFlags = 8, CentralMethod = 10, CentralChecksum = 16;

    private static readonly byte[] X = NpyBytes.Of("<f4", [6, 2], 1f, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    private static readonly byte[] Y = NpyBytes.Of("<i8", [6], 0L, 1, 0, 1, 0, 1);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Stored_and_deflated_members(CompressionLevel level)
    {
        Dataset data = Load(level, ("x.npy", X), ("y.npy", Y));
        Assert.Equal(("t", 6, 2, StratifiedSplit.Rule), (data.Name, data.All.Rows, data.Features, data.SplitRule));
        Assert.Equal(1f / 12f, data.Preprocessing.Scales.Span[0]);
        Assert.Equal([0, 1, 0, 1, 0, 1], Enumerable.Range(0, 6).Select(data.All.Label));
    }

    [Theory]
    [InlineData("x_train y_train x_test y_test", true)]
    [InlineData("X_train Y_train X_test Y_test", true)]
    [InlineData("train_images train_labels test_images test_labels", true)]
    [InlineData("x_train y_train", false)]
    [InlineData("x_test y_test", false)]
    [InlineData("X y", false)]
    [InlineData("data target", false)]
    [InlineData("images labels", false)]
    public void Names_of_every_convention(string names, bool hasTest)
    {
        (string, byte[])[] members = names.Split(' ').Select((name, i) => ($"{name}.npy", i % 2 == 0 ? X : Y)).ToArray();
        Dataset data = Load(CompressionLevel.Fastest, [("readme.txt", "text"u8.ToArray()), ("val_images.npy", X), .. members]);
        Assert.Equal((6, hasTest ? 6 : 0, hasTest), (data.Train.Rows, data.Test.Rows, data.SplitRule is null));
    }

    [Fact]
    public void A_folder_of_npy_files_is_read_as_an_archive_is()
    {
        _folder.Write("set/X_train.npy", X);
        _folder.Write("set/y_train.npy", Y);
        _folder.Write("set/X_test.npy.gz", TempFolder.Gzip(X));
        _folder.Write("set/y_test.npy", Y);
        Dataset data = NamedData.Load(Path.Combine(_folder.Path, "set"));
        Assert.Equal(("set", 6, 6), (data.Name, data.Train.Rows, data.Test.Rows));
    }

    [Fact]
    public void Images_of_bytes_are_scaled_as_pixels_and_have_their_shape()
    {
        byte[] images = NpyBytes.Of("|u1", [6, 1, 2], Enumerable.Range(0, 12).Select(i => (byte)i).ToArray());
        byte[] colour = NpyBytes.Of("|u1", [6, 3, 1, 2], new byte[36]), last = NpyBytes.Of("|u1", [6, 2, 2, 3], new byte[72]);
        Dataset data = Load(CompressionLevel.Fastest, ("x.npy", images), ("y.npy", Y));
        Assert.Equal((1f / 255f, new ImageShape(1, 1, 2)), (data.Preprocessing.Scales.Span[0], data.Shape!.Value));
        Assert.Equal(new ImageShape(3, 1, 2), Load(CompressionLevel.Fastest, ("x.npy", colour), ("y.npy", Y)).Shape);
        Assert.Null(Load(CompressionLevel.Fastest, ("x.npy", last), ("y.npy", Y)).Shape);
        // A table of bytes is no image.
        byte[] table = NpyBytes.Of("|u1", [6, 2], Enumerable.Range(0, 12).Select(i => (byte)i).ToArray());
        Assert.Equal(1f / 11f, Load(CompressionLevel.Fastest, ("x.npy", table), ("y.npy", Y)).Preprocessing.Scales.Span[0]);
    }

    [Fact]
    public void Bytes_and_floats_of_the_two_parts_make_floats()
    {
        byte[] bytes = NpyBytes.Of("|u1", [6, 2], Enumerable.Range(0, 12).Select(i => (byte)i).ToArray());
        Dataset data = Load(CompressionLevel.Fastest, ("x_train.npy", bytes), ("y_train.npy", Y), ("x_test.npy", X), ("y_test.npy", Y)).WithPreprocessing(Preprocessing.Identity);
        float[] row = new float[4];
        data.All.CopyInputs(5, 2, row, 2);
        Assert.Equal([10f, 11, 1, 2], row);
    }

    [Fact]
    public void Arrays_that_do_not_fit_are_errors()
    {
        AssertError("has the arrays arr_0, arr_1; expected x_train and y_train", ("arr_0.npy", X), ("arr_1.npy", Y));
        AssertError("has no arrays; expected", ("a.txt", X));
        AssertError("has x, but no y.", ("x.npy", X));
        AssertError("has y_test, but no x_test.", ("x_train.npy", X), ("y_train.npy", Y), ("y_test.npy", Y));
        AssertError("t.npz: y.npy: is a float32 array of shape (6, 2); expected one class a row", ("x.npy", X), ("y.npy", X));
        AssertError("t.npz: y.npy: has 2 targets, but", ("x.npy", X), ("y.npy", NpyBytes.Of("<i8", [2], 0L, 1)));
        AssertError("t.npz: x_test.npy: is a float32 array of shape (6, 1), but", ("x_train.npy", X), ("y_train.npy", Y), ("x_test.npy", NpyBytes.Of("<f4", [6, 1], new float[6])), ("y_test.npy", Y));
        AssertError("t.npz: y_test.npy: value [1] class '5' is unknown; expected one of 2: 0, 1", ("x_train.npy", X), ("y_train.npy", Y), ("x_test.npy", X), ("y_test.npy", NpyBytes.Of("<i8", [6], 0L, 5, 0, 1, 0, 1)));
        AssertError("t.npz: x.npy: value [1, 0] is NaN", ("x.npy", NpyBytes.Of("<f4", [6, 2], 1f, 2, float.NaN, 4, 5, 6, 7, 8, 9, 10, 11, 12)), ("y.npy", Y));
        AssertError("twice", ("x.npy", X), ("x.npy", X), ("y.npy", Y));
    }

    [Fact]
    public void Names_of_members_are_never_paths()
    {
        string outside = Path.Combine(_folder.Path, "x.npy");
        AssertError("has the arrays ../x, /y; expected", ("../x.npy", X), ("/y.npy", Y));
        Assert.False(File.Exists(outside));
        AssertError("has the array ?[31mx; expected", ("\e[31mx.npy", X));
        AssertError("has y, but no x.", ($"{_folder.Path}/x.npy", X), ("y.npy", Y));
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void A_wrong_checksum_is_an_error(CompressionLevel level) =>
        AssertError(Changed(level, (zip, entry) => zip[entry + CentralChecksum] ^= 1), "t.npz: x.npy: has the checksum", "the data is damaged");

    [Fact]
    public void Lengths_that_lie_are_errors_and_allocate_nothing_large()
    {
        foreach (uint length in new uint[] { 0, 1, (uint)X.Length - 1, (uint)X.Length + 1, 1 << 30, 0xFFFFFFFE })
        {
            byte[] zip = Changed(CompressionLevel.Optimal, (zip, entry) => BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(entry + CentralLength), length));
            long before = GC.GetAllocatedBytesForCurrentThread();
            AssertError(zip, "t.npz");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000);
        }

        AssertError(Changed(CompressionLevel.NoCompression, (zip, entry) => BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(entry + CentralCompressed), 0x7FFFFFFF)), "t.npz");
    }

    [Fact]
    public void A_member_that_expands_further_than_its_header_declares_is_read_no_further()
    {
        byte[] bomb = new byte[64 << 20];
        X.CopyTo(bomb, 0);
        string path = _folder.Write("t.npz", NpyBytes.Zip(CompressionLevel.Fastest, ("x.npy", bomb), ("y.npy", Y)));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("left over", Assert.Throws<DataFormatException>(() => NamedData.Load(path)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000);
    }

    [Fact]
    public void Encrypted_members_and_unknown_methods_are_errors()
    {
        AssertError(Changed(CompressionLevel.Optimal, (zip, entry) => zip[entry + CentralFlags] |= 1), "is encrypted");
        AssertError(Changed(CompressionLevel.Optimal, (zip, entry) => zip[entry + CentralMethod] = 12), "cannot be opened");
    }

    [Fact]
    public void An_archive_cut_at_any_byte_is_an_error()
    {
        byte[] zip = File.ReadAllBytes(NpyFixtureTests.Fixture("set.npz"));
        for (int length = 0; length < zip.Length; length++)
        {
            string path = _folder.Write("t.npz", zip.AsSpan(0, length));
            Assert.StartsWith(path, Assert.Throws<DataFormatException>(() => NamedData.Load(path)).Message);
        }
    }

    [Fact]
    public void A_changed_byte_is_an_error_or_changes_nothing()
    {
        byte[] zip = File.ReadAllBytes(NpyFixtureTests.Fixture("set.npz"));
        float[] expected = Values(NamedData.Load(NpyFixtureTests.Fixture("set.npz")));
        int errors = 0;
        for (int at = 0; at < zip.Length; at++)
        {
            zip[at] ^= 0x55;
            string path = _folder.Write("t.npz", zip);
            try
            {
                Assert.Equal(expected, Values(NamedData.Load(path)));
            }
            catch (DataFormatException e)
            {
                Assert.StartsWith(path, e.Message);
                Assert.DoesNotContain('\n', e.Message);
                errors++;
            }

            zip[at] ^= 0x55;
        }

        // Dates, versions and attributes do not matter.
        Assert.True(errors > zip.Length / 2);
    }

    [Fact]
    public void A_thousand_members_are_read_and_a_directory_of_tens_of_thousands_is_not()
    {
        (string, byte[])[] empty = [.. Enumerable.Range(0, 1000).Select(i => ($"{i}", Array.Empty<byte>()))];
        Assert.Equal(6, Load(CompressionLevel.NoCompression, [.. empty, ("x.npy", X), ("y.npy", Y)]).All.Rows);

        // A directory alone, which has no need of members: each entry takes 50 bytes there and ten times as many in memory.
        byte[] zip = NpyBytes.Zip(CompressionLevel.NoCompression, ("a", []));
        int entry = zip.AsSpan().IndexOf("PK\x01\x02"u8), end = zip.AsSpan().IndexOf("PK\x05\x06"u8);
        const int count = 60_000;
        byte[] directory = [.. Enumerable.Repeat(zip[entry..end], count).SelectMany(bytes => bytes)];
        BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(end + 8), count);
        BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(end + 10), count);
        BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(end + 12), directory.Length);
        byte[] many = [.. zip[..entry], .. directory, .. zip[end..]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertError(many, "has members whose directory takes more than 262144 bytes");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 * many.Length);
    }

    private static float[] Values(Dataset data)
    {
        var values = new float[data.All.Rows * data.Features];
        data.All.CopyInputs(0, data.All.Rows, values, data.Features);
        return [.. values, .. Enumerable.Range(0, data.All.Rows).Select(row => (float)data.All.Label(row))];
    }

    private Dataset Load(CompressionLevel level, params (string, byte[])[] members) =>
        NamedData.Load(_folder.Write("t.npz", NpyBytes.Zip(level, members)));

    /// <summary>An archive of x.npy and y.npy, changed at the first entry of its central directory.</summary>
    private static byte[] Changed(CompressionLevel level, Action<byte[], int> change)
    {
        byte[] zip = NpyBytes.Zip(level, ("x.npy", X), ("y.npy", Y));
        change(zip, zip.AsSpan().IndexOf("PK\x01\x02"u8));
        return zip;
    }

    private void AssertError(string expected, params (string, byte[])[] members) =>
        AssertError(NpyBytes.Zip(CompressionLevel.Fastest, members), expected);

    private void AssertError(byte[] zip, params string[] expected)
    {
        string path = _folder.Write("t.npz", zip);
        string message = Assert.Throws<DataFormatException>(() => NamedData.Load(path)).Message;
        Assert.StartsWith(path, message);
        Assert.DoesNotContain('\n', message);
        Assert.All(expected, part => Assert.Contains(part, message));
    }
}
