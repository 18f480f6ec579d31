using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Lpom.Cli.Tests.Support;
using Lpom.Data;

namespace Lpom.Cli.Tests;

/// <summary>predict as a filter: every format, from files and pipes, answers as the samples come, bad rows.</summary>
public sealed class PredictStreamTests(TrainedDigits digits) : IClassFixture<TrainedDigits>
{
    private const int Samples = 40, Inputs = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static string? _expected;

    [Theory]
    [InlineData("rows.csv", "auto")]
    [InlineData("rows.csv.gz", "auto")]
    [InlineData("rows.npy", "auto")]
    [InlineData("float.npy.gz", "npy")]
    [InlineData("fortran.npy", "auto")]
    [InlineData("cube.npy", "npy")]
    [InlineData("set.npz", "auto")]
    [InlineData("only.npz", "npy")]
    [InlineData("npy-without-a-name", "auto")]
    [InlineData("images-idx3-ubyte.gz", "auto")]
    [InlineData("pixels.bin", "raw")]
    public void A_file_of_any_format_gives_the_same_answers(string name, string format)
    {
        WriteFiles();
        Ran ran = Run("predict", TrainedDigits.Model, name, "--format", format);
        Assert.Equal((0, "", Expected), (ran.ExitCode, ran.Errors, ran.Output));
    }

    [Fact]
    public void A_line_that_counts_like_a_header_is_not_passed_over_without_a_word()
    {
        File.WriteAllText(digits["counts.csv"], string.Join(',', Enumerable.Range(1, 64)) + "\n");
        Assert.Contains("counts.csv: line 1 numbers its columns, so it is taken for a header", Run("predict", TrainedDigits.Model, "counts.csv").AssertBadInput());
        File.AppendAllText(digits["counts.csv"], string.Join(',', Enumerable.Repeat("5", 64)) + "\n");
        Assert.Equal("note: counts.csv: line 1 numbers its columns, so it is taken for a header\n", Run("predict", TrainedDigits.Model, "counts.csv").Errors);
        File.WriteAllText(digits["names.csv"], string.Join(',', Enumerable.Range(1, 64).Select(i => $"pixel{i}")) + "\n");
        Assert.Equal((0, ""), (Run("predict", TrainedDigits.Model, "names.csv").ExitCode, Run("predict", TrainedDigits.Model, "names.csv").Output));
    }

    [Theory]
    [InlineData("rows.csv", "auto")]
    [InlineData("rows.npy", "auto")]
    [InlineData("images-idx3-ubyte", "auto")]
    [InlineData("pixels.bin", "raw")]
    public void A_pipe_gives_the_same_answers_at_once_and_drop_by_drop(string name, string format)
    {
        WriteFiles();
        byte[] content = File.ReadAllBytes(digits[name]);
        foreach (int piece in new[] { content.Length, 97 })
        {
            using Process process = Start("predict", TrainedDigits.Model, "--format", format);
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            for (int at = 0; at < content.Length; at += piece)
            {
                process.StandardInput.BaseStream.Write(content, at, Math.Min(piece, content.Length - at));
                process.StandardInput.BaseStream.Flush();
            }

            process.StandardInput.Close();
            Ran ran = LpomProcess.Finish(process, output, errors);
            Assert.Equal((0, "", Expected), (ran.ExitCode, ran.Errors, ran.Output));
        }
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("npy")]
    [InlineData("idx")]
    [InlineData("raw")]
    public async Task Each_sample_is_answered_before_the_next_is_written(string format)
    {
        WriteFiles();
        string[] expected = Expected.Split('\n');
        byte[] header = format switch
        {
            "npy" => NpyFiles.Of<byte>("|u1", false, "3, 64"),
            "idx" => Images(3)[..16],
            _ => [],
        };
        using Process process = Start("predict", TrainedDigits.Model, "--format", format == "idx" ? "auto" : format);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Stream input = process.StandardInput.BaseStream;
        input.Write(header);
        for (int i = 0; i < 3; i++)
        {
            byte[] sample = format == "csv" ? Encoding.ASCII.GetBytes($"{string.Join(',', Pixels(i))}\n") : Pixels(i);
            // A part of a sample is waited for, and holds no answer back.
            input.Write(sample, 0, 20);
            input.Flush();
            input.Write(sample, 20, sample.Length - 20);
            input.Flush();
            Assert.Equal(expected[i], await process.StandardOutput.ReadLineAsync().WaitAsync(Patience));
        }

        process.StandardInput.Close();
        Ran ran = LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), errors);
        Assert.Equal((0, "", ""), (ran.ExitCode, ran.Output, ran.Errors));
    }

    [Fact]
    public async Task A_blank_line_holds_no_answer_back()
    {
        using Process process = Start("predict", TrainedDigits.Model, "--on-error", "skip");
        await process.StandardInput.WriteAsync($"{Row(0)}\n\n");
        await process.StandardInput.FlushAsync();
        Assert.StartsWith("0\t", await process.StandardOutput.ReadLineAsync().WaitAsync(Patience));
        process.StandardInput.Close();
        Ran ran = LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.Equal((0, "", ""), (ran.ExitCode, ran.Output, ran.Errors));
    }

    [Fact]
    public void A_bad_row_ends_the_work_after_the_answers_before_it()
    {
        Ran ran = Piped($"{Row(0)}\n{Row(1)}\n1,2,3\n{Row(2)}\n");
        Assert.Equal((2, 2), (ran.ExitCode, ran.OutputLines.Length));
        Assert.Equal("lpom: standard input: line 3: 3 values, the model takes 64.", Assert.Single(ran.ErrorLines));
    }

    [Fact]
    public void Skipped_rows_keep_their_places_in_text()
    {
        Ran ran = Piped($"{Row(0)}\n1,2,3\n{Row(1)[..^1]}x\n\n\n{Row(2)}\n\n\n", "--on-error", "skip");
        Assert.Equal(0, ran.ExitCode);
        string[] lines = ran.Output.Split('\n');
        Assert.Equal(["0", "", "", "", "", "2", ""], lines.Select(line => line.Split('\t')[0]));
        Assert.Equal([2, 3, 4, 5], ran.ErrorLines.Select(LineNumber));
        Assert.All(ran.ErrorLines, line => Assert.EndsWith("(skipped)", line));
    }

    [Fact]
    public void Skipped_rows_keep_their_places_in_json()
    {
        JsonElement[] answers = Piped($"{Row(0)}\n1,2,3\n{Row(2)}\n", "--on-error", "skip", "--json").Json;
        Assert.Equal([0, 1, 2], answers.Select(a => a.GetProperty("index").GetInt32()));
        Assert.Equal(["index", "label", "class", "scores", "error"], answers[1].EnumerateObject().Select(p => p.Name));
        Assert.Equal(JsonValueKind.Null, answers[1].GetProperty("label").ValueKind);
        Assert.Contains("line 2: 3 values", answers[1].GetProperty("error").GetString());
        Assert.Equal(["index", "label", "class", "scores"], answers[2].EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void Half_of_the_rows_may_be_bad()
    {
        IEnumerable<string> rows = Enumerable.Range(0, 600).Select(i => i % 2 == 0 ? Row(i / 2 % Samples) : "bad");
        Ran ran = Piped(string.Join('\n', rows), "--on-error", "skip");
        string[] expected = Expected.Split('\n');
        Assert.Equal(Enumerable.Range(0, 600).Select(i => i % 2 == 0 ? expected[i / 2 % Samples] : ""), ran.Output.Split('\n')[..600]);
        Assert.Equal(300, ran.ErrorLines.Length);
    }

    [Theory]
    [InlineData("stop", 2, 1)]
    [InlineData("skip", 0, 3)]
    public void A_value_that_is_not_finite_is_a_bad_row_of_an_array(string onError, int code, int lines)
    {
        float[] values = new float[3 * Inputs];
        values[Inputs + 5] = float.NaN;
        File.WriteAllBytes(digits["nan.npy"], NpyFiles.Of<float>("<f4", false, "3, 8, 8", values));
        Ran ran = Run("predict", TrainedDigits.Model, "nan.npy", "--json", "--on-error", onError);
        Assert.Equal((code, lines), (ran.ExitCode, ran.OutputLines.Length));
        Assert.Contains("nan.npy: value [1, 0, 5] is NaN", Assert.Single(ran.ErrorLines));
    }

    [Theory]
    [InlineData("rows.npy", "auto", "truncated: row 1 of 40 has 63 of 64 bytes")]
    [InlineData("images-idx3-ubyte", "auto", "truncated: image 1 of 40 has 63 of 64 bytes")]
    [InlineData("pixels.bin", "raw", "truncated: sample 1 has 63 of 64 bytes")]
    public void Samples_that_end_too_early_end_the_work_in_any_case(string name, string format, string expected)
    {
        WriteFiles();
        byte[] content = File.ReadAllBytes(digits[name]);
        byte[] cut = content[..(content.Length - (Samples - 2) * Inputs - 1)];
        using Process process = Start("predict", TrainedDigits.Model, "--format", format, "--on-error", "skip");
        process.StandardInput.BaseStream.Write(cut);
        process.StandardInput.Close();
        Ran ran = LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.Equal((2, 1), (ran.ExitCode, ran.OutputLines.Length));
        Assert.Contains(expected, Assert.Single(ran.ErrorLines));
    }

    [Theory]
    [InlineData("small.npy", "auto", "a uint8 array of shape (2, 3): 3 values a row, expected 64")]
    [InlineData("other.npz", "auto", "has the arrays a, b; expected one array, or one named x_test, x, data or images")]
    [InlineData("small.npy", "csv", "is binary, as NPY files are")]
    [InlineData("rows.csv", "npy", "expected 934E554D5059 (NPY)")]
    [InlineData("rows.csv", "json", "--format: unknown name 'json'")]
    public void What_cannot_be_read_is_bad_input(string name, string format, string expected)
    {
        WriteFiles();
        byte[] small = NpyFiles.Of<byte>("|u1", false, "2, 3", new byte[6]);
        File.WriteAllBytes(digits["small.npy"], small);
        Zip("other.npz", ("a.npy", small), ("b.npy", small));
        Assert.Contains(expected, Run("predict", TrainedDigits.Model, name, "--format", format).AssertBadInput());
    }

    [Theory]
    [InlineData("fortran.npy", "Fortran order")]
    [InlineData("set.npz", "NPZ is read when the file is named")]
    [InlineData("rows.csv.gz", "gzip")]
    public void What_a_pipe_cannot_give_is_refused(string name, string expected)
    {
        WriteFiles();
        using Process process = Start("predict", TrainedDigits.Model);
        process.StandardInput.BaseStream.Write(File.ReadAllBytes(digits[name]));
        process.StandardInput.Close();
        Ran ran = LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.Contains(expected, ran.AssertBadInput());
    }

    [Fact]
    public void A_fifo_is_read_as_a_pipe_is()
    {
        WriteFiles();
        using (Process make = Process.Start("mkfifo", [digits["fifo"]]))
            make.WaitForExit();
        using Process process = Start("predict", TrainedDigits.Model, "fifo");
        File.WriteAllText(digits["fifo"], $"{Row(0)}\n");
        process.StandardInput.Close();
        Ran ran = LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.Equal((0, "", Expected.Split('\n')[0] + "\n"), (ran.ExitCode, ran.Errors, ran.Output));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task An_interruption_ends_the_waiting_after_all_answers(string signal)
    {
        using Process process = Start("predict", TrainedDigits.Model);
        await process.StandardInput.WriteAsync($"{Row(0)}\n{Row(1)}\n{Row(2)[..9]}");
        await process.StandardInput.FlushAsync();
        string? first = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        using (Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            await kill.WaitForExitAsync();
        Ran ran = LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.Equal((130, ""), (ran.ExitCode, ran.Errors));
        Assert.Equal(string.Join('\n', Expected.Split('\n')[..2]), $"{first}\n{Assert.Single(ran.OutputLines)}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    public void It_ends_quietly_when_nobody_reads(string option)
    {
        string command = $"yes {Row(0)} 2>/dev/null | {{ {TestedProgram.ShellCommand} predict {TrainedDigits.Model} {option}; echo $? >code; }} | head -n 1";
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", command])
        {
            WorkingDirectory = digits.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        Ran ran = LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.Single(ran.OutputLines);
        Assert.Equal(("", "0"), (ran.Errors, File.ReadAllText(digits["code"]).Trim()));
    }

    [Fact]
    public async Task Memory_does_not_grow_with_the_rows()
    {
        if (!OperatingSystem.IsLinux())
            return;
        const int Block = 20_000, Blocks = 10;
        byte[] block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat($"{Row(0)}\n", Block)));
        using Process process = Start("predict", TrainedDigits.Model);
        async Task<long> PeakAfterBlock()
        {
            Task write = process.StandardInput.BaseStream.WriteAsync(block).AsTask();
            for (int i = 0; i < Block; i++)
                Assert.StartsWith("0\t", await process.StandardOutput.ReadLineAsync().WaitAsync(Patience));
            await write;
            string peak = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
        }

        long first = await PeakAfterBlock(), last = 0;
        for (int i = 1; i < Blocks; i++)
            last = await PeakAfterBlock();
        process.StandardInput.Close();
        Ran ran = LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        // The rows after the first block are 26 MB.
        Assert.InRange(last - first, 0, 8 << 10);
    }

    [Fact]
    public void Numpy_s_arrays_train_and_evaluate_as_other_data_does()
    {
        Dataset raw = TrainedDigits.DigitsRaw;
        long[] labels = [.. Enumerable.Range(0, 400).Select(i => (long)raw.All.Label(i))];
        byte[] x = NpyFiles.Of<byte>("|u1", false, "400, 8, 8", [.. Enumerable.Range(0, 400).SelectMany(Pixels)]), y = NpyFiles.Of<long>("<i8", false, "400,", labels);
        Zip("train.npz", ("x_train.npy", x), ("y_train.npy", y), ("x_test.npy", x), ("y_test.npy", y));
        Ran train = Run("train", "--data", "train.npz", "--epochs", "3", "--threads", "1", "--json", "--output", "npz.safetensors");
        Assert.Equal((400, 400), (train.Json[0].GetProperty("trainRows").GetInt32(), train.Json[0].GetProperty("testRows").GetInt32()));
        double accuracy = Run("eval", "npz.safetensors", "--data", "train.npz", "--json").Json[0].GetProperty("accuracy").GetDouble();
        Assert.True(accuracy > 0.9);
        JsonElement[] answers = Run("predict", "npz.safetensors", "train.npz", "--json").Json;
        Assert.Equal(accuracy, answers.Where((answer, i) => answer.GetProperty("class").GetString() == labels[i].ToString(CultureInfo.InvariantCulture)).Count() / 400.0);
    }

    private static byte[] Pixels(int row)
    {
        float[] values = new float[Inputs];
        TrainedDigits.DigitsRaw.All.CopyInputs(row, 1, values, Inputs);
        return Array.ConvertAll(values, value => (byte)value);
    }

    private static byte[] Images(int count)
    {
        byte[] header = [0, 0, 8, 3, 0, 0, 0, (byte)count, 0, 0, 0, 8, 0, 0, 0, 8];
        return [.. header, .. Enumerable.Range(0, count).SelectMany(Pixels)];
    }

    private static string Row(int row) => string.Join(',', Pixels(row));

    private static int LineNumber(string error)
    {
        string rest = error[(error.IndexOf("line ", StringComparison.Ordinal) + 5)..];
        return int.Parse(rest[..rest.IndexOfAny([' ', ':', ','])], CultureInfo.InvariantCulture);
    }

    /// <summary>The answers to the first samples, which ModelVerbTests holds to be right.</summary>
    private string Expected => _expected ??= Piped(string.Concat(Enumerable.Range(0, Samples).Select(i => $"{Row(i)}\n"))).Output;

    private void WriteFiles()
    {
        byte[] pixels = [.. Enumerable.Range(0, Samples).SelectMany(Pixels)];
        byte[] csv = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, Samples).Select(i => $"{Row(i)}\n")));
        byte[] npy = NpyFiles.Of<byte>("|u1", false, $"{Samples}, {Inputs}", pixels);
        byte[] floats = NpyFiles.Of<float>("<f4", false, $"{Samples}, {Inputs}", Array.ConvertAll(pixels, value => (float)value));
        byte[] fortran = NpyFiles.Of<byte>("|u1", true, $"{Samples}, {Inputs}", [.. Enumerable.Range(0, pixels.Length).Select(i => pixels[(i % Samples * Inputs) + (i / Samples)])]);
        File.WriteAllBytes(digits["rows.csv"], csv);
        File.WriteAllBytes(digits["rows.npy"], npy);
        File.WriteAllBytes(digits["npy-without-a-name"], npy);
        File.WriteAllBytes(digits["fortran.npy"], fortran);
        File.WriteAllBytes(digits["cube.npy"], NpyFiles.Of<byte>("|u1", false, $"{Samples}, 8, 8", pixels));
        File.WriteAllBytes(digits["pixels.bin"], pixels);
        File.WriteAllBytes(digits["images-idx3-ubyte"], Images(Samples));
        Gzip("rows.csv.gz", csv);
        Gzip("float.npy.gz", floats);
        Gzip("images-idx3-ubyte.gz", Images(Samples));
        Zip("set.npz", ("x_train.npy", floats[..^4]), ("y_train.npy", floats), ("x_test.npy", npy));
        Zip("only.npz", ("arr_0.npy", floats));
    }

    private void Gzip(string name, byte[] content)
    {
        using var gzip = new GZipStream(File.Create(digits[name]), CompressionLevel.Fastest);
        gzip.Write(content);
    }

    private void Zip(string name, params (string Name, byte[] Content)[] members)
    {
        using var archive = new ZipArchive(File.Create(digits[name]), ZipArchiveMode.Create);
        foreach ((string member, byte[] content) in members)
        {
            using Stream stream = archive.CreateEntry(member).Open();
            stream.Write(content);
        }
    }

    private Ran Piped(string input, params string[] options) =>
        LpomProcess.Run(digits.FullName, environment: null, input, ["predict", TrainedDigits.Model, "-", .. options]);

    private Process Start(params string[] arguments) => LpomProcess.Start(digits.FullName, null, arguments);

    private Ran Run(params string[] arguments) => LpomProcess.Run(digits.FullName, arguments);
}
