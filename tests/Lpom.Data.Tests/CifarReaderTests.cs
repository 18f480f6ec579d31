using Lpom.Data.Tests.Support;
using Lpom.Simd.Kernels.Random;

namespace Lpom.Data.Tests;

public sealed class CifarReaderTests : IDisposable
{
    private const int Record = 3073;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("cifar-10-batches-bin")]
    public void Six_batches_become_a_training_and_a_test_part(string subfolder)
    {
        List<byte[]> records = WriteBatches(subfolder);
        Dataset data = CifarReader.Read(_folder.Path);
        Assert.Equal((15, 3, 3072, 10), (data.Train.Rows, data.Test.Rows, data.Features, data.Classes));
        Assert.Equal(new ImageShape(3, 32, 32), data.Shape);
        Assert.Equal(("airplane", "truck"), (data.ClassNames[0], data.ClassNames[9]));
        Assert.Null(data.SplitRule);

        double[] means = [.. Enumerable.Range(0, 3).Select(channel => records.Take(15).Average(record => record.Skip(1 + channel * 1024).Take(1024).Average(b => b / 255.0)))];
        var row = new float[3072];
        for (int i = 0; i < data.All.Rows; i++)
        {
            data.All.CopyInputs(i, 1, row, row.Length);
            Assert.Equal(records[i][0], data.All.Label(i));
            for (int j = 0; j < 3072; j++)
                Assert.Equal(records[i][1 + j] / 255.0 - means[j / 1024], row[j], 1e-6);
        }
    }

    [Fact]
    public void Training_inputs_have_mean_zero_in_every_channel()
    {
        WriteBatches("");
        Dataset data = CifarReader.Read(_folder.Path);
        var inputs = new float[15 * 3072];
        data.Train.CopyInputs(0, 15, inputs, 3072);
        for (int channel = 0; channel < 3; channel++)
        {
            double mean = Enumerable.Range(0, 15).Average(row => inputs.Skip(row * 3072 + channel * 1024).Take(1024).Average());
            Assert.Equal(0, mean, 1e-6);
        }
    }

    [Fact]
    public void Class_names_come_from_the_meta_file_when_it_is_there()
    {
        WriteBatches("");
        _folder.Write("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
        Assert.Equal(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], CifarReader.Read(_folder.Path).ClassNames);
        _folder.Write("batches.meta.txt", "a\nb\n");
        AssertError("batches.meta.txt", "2 class names", "expected 10");
    }

    [Fact]
    public void A_class_named_twice_or_in_no_text_is_an_error()
    {
        WriteBatches("");
        _folder.Write("batches.meta.txt", "a\nb\n\nc\na\ne\nf\ng\nh\ni\nj\n");
        AssertError("batches.meta.txt", "line 5 names the class 'a' again", "expected 10 names that differ");
        _folder.Write("batches.meta.txt", [.. "a\nb\n"u8, 0xC3, 0x28, .. "\nd\ne\nf\ng\nh\ni\nj\n"u8]);
        AssertError("batches.meta.txt", "line 3 is no UTF-8 text", "expected a class name");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3072)]
    [InlineData(2 * Record + 1000)]
    public void A_batch_cut_within_a_record_is_an_error(int length)
    {
        WriteBatches("");
        _folder.Write("data_batch_3.bin", new byte[length]);
        AssertError("data_batch_3.bin", $"{length} bytes", "multiple of 3073");
    }

    [Fact]
    public void An_empty_batch_is_an_error()
    {
        WriteBatches("");
        _folder.Write("test_batch.bin", []);
        AssertError("test_batch.bin", "0 bytes");
    }

    [Fact]
    public void A_label_above_nine_is_an_error()
    {
        WriteBatches("");
        byte[] batch = new byte[3 * Record];
        batch[2 * Record] = 10;
        _folder.Write("data_batch_5.bin", batch);
        AssertError("data_batch_5.bin", "label 10", "record 2", "byte 6146", "0…9");
    }

    [Fact]
    public void A_missing_batch_is_named()
    {
        WriteBatches("");
        File.Delete(Path.Combine(_folder.Path, "data_batch_4.bin"));
        Assert.Contains("data_batch_4.bin: no such file", Assert.Throws<DataNotFoundException>(() => CifarReader.Read(_folder.Path)).Message);
        File.Delete(Path.Combine(_folder.Path, "data_batch_1.bin"));
        Assert.Contains("no CIFAR-10 batches", Assert.Throws<DataNotFoundException>(() => CifarReader.Read(_folder.Path)).Message);
    }

    /// <summary>Three records a file; the records in reading order.</summary>
    private List<byte[]> WriteBatches(string subfolder)
    {
        var rng = new Rng(1);
        var records = new List<byte[]>();
        foreach (string name in new[] { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin" })
        {
            List<byte[]> batch = [];
            for (int i = 0; i < 3; i++)
            {
                byte[] record = new byte[Record];
                record[0] = (byte)((records.Count + i) % 10);
                for (int j = 1; j < Record; j++)
                    record[j] = (byte)rng.NextInt(j <= 1024 ? 256 : 100);
                batch.Add(record);
            }

            _folder.Write(Path.Combine(subfolder, name), batch.SelectMany(record => record).ToArray());
            records.AddRange(batch);
        }

        return records;
    }

    private void AssertError(params string[] expected)
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => CifarReader.Read(_folder.Path));
        Assert.All(expected, text => Assert.Contains(text, e.Message));
    }
}
