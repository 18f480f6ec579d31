using System.IO.Compression;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

/// <summary>Bad input to train: one line on the standard error, exit code 2, nothing written.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TestFolder _folder = new();

    /// <summary>With a table of 2,500 training rows, a million epochs of which are more steps than an integer counts.</summary>
    public BadInputTests() => File.WriteAllText(_folder["many.csv"], string.Concat(Enumerable.Repeat("1,2,a\n3,4,b\n", 1600)));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("'--epochs'", "--epohcs", "3")]
    [InlineData("--epochs: expected a whole number from 1", "--epochs", "-3")]
    [InlineData("--epochs: expected", "--epochs", "0")]
    [InlineData("--batch: expected", "--batch", "0")]
    [InlineData("--threads: expected", "--threads", "-1")]
    [InlineData("--seed: expected", "--seed", "-1")]
    [InlineData("--mu: expected a positive number", "--mu", "0")]
    [InlineData("--mu: expected a positive number", "--mu", "NaN")]
    [InlineData("did you mean 'sigmoid'", "--activation", "sigmoyd")]
    [InlineData("did you mean 'adam'", "--method", "adan")]
    [InlineData("--mu: --method sgd has no such setting", "--method", "sgd", "--mu", "3")]
    [InlineData("--parallel: --method sgd has no such setting", "--method", "sgd", "--parallel", "sync")]
    [InlineData("--distributed: --method lpom-paper has no such setting", "--method", "lpom-paper", "--distributed", "mpi")]
    [InlineData("--parallel sync: not with --distributed", "--parallel", "sync", "--distributed", "mpi")]
    [InlineData("--parallel rows: not with --distributed", "--parallel", "rows", "--distributed", "mpi")]
    [InlineData("no launcher started this process", "--distributed", "mpi")]
    [InlineData("no launcher started this process", "--distributed", "mpi-layers")]
    [InlineData("--distributed: --method sgd has no such setting", "--method", "sgd", "--distributed", "mpi-layers")]
    [InlineData("--parallel sync: not with --distributed", "--parallel", "sync", "--distributed", "mpi-layers")]
    [InlineData("--parallel: --method adam has no such setting", "--method", "adam", "--parallel", "async")]
    [InlineData("--parallel async: not with --distributed", "--distributed", "mpi", "--parallel", "async")]
    [InlineData("--lr: --method lpom-paper has no such setting", "--method", "lpom-paper", "--lr", "3")]
    [InlineData("--label-smoothing: expected a number from 0 to below 1", "--label-smoothing", "1")]
    [InlineData("--label-smoothing: --loss least-squares has no such setting; it belongs to --loss cross-entropy", "--label-smoothing", "0.1", "--loss", "least-squares")]
    [InlineData("--weight-decay 0.6: times --lr 2", "--method", "sgd", "--lr", "2", "--weight-decay", "0.6")]
    [InlineData("--weight-decay 0.5: times --lr 2", "--method", "adam", "--lr", "2", "--weight-decay", "0.5")]
    [InlineData("--output-activation relu: --method lpom needs a linear output layer", "--loss", "least-squares", "--output-activation", "relu")]
    [InlineData("64 inputs", "--layers", "100-10")]
    [InlineData("10 classes", "--layers", "64-100")]
    [InlineData("--layers", "--layers", "0")]
    [InlineData("--layers", "--layers", "10--10")]
    [InlineData("too large", "--layers", "1000000-1000000")]
    [InlineData("too wide for --method lpom", "--layers", "50000")]
    [InlineData("cross-entropy", "--loss", "cross-entropy", "--output-activation", "relu")]
    [InlineData("--validation", "--validation", "5000")]
    [InlineData("did you mean 'mnist'", "--data", "mnits")]
    [InlineData("--resize: expected width and height from 1 to 4096, such as 28x28; found '28'", "--resize", "28")]
    [InlineData("digits: cannot be resized to 9x9; expected a folder of PNG images", "--resize", "9x9")]
    [InlineData("no such file", "--data", "./nowhere.csv")]
    [InlineData("there is no folder", "--output", "nowhere/model.safetensors")]
    [InlineData("is a folder", "--output", ".")]
    [InlineData("cannot be written", "--output", "/proc/model.safetensors")]
    [InlineData("no file name", "--output", "")]
    [InlineData("--output", "--output")]
    [InlineData("unknown", "more")]
    [InlineData("--data: expected", "--data", "")]
    [InlineData("--data-dir: expected", "--data-dir", "")]
    [InlineData("steps", "--epochs", "1000000", "--batch", "1", "--validation", "0", "--seed", "1", "--data", "many.csv")]
    public void Options(string expected, params string[] options) => Refuses(expected, options);

    [Fact]
    public void Missing_data_says_where_it_looked_and_how_to_get_it()
    {
        string line = Refuses("To get it", "--data", "mnist", "--data-dir", _folder.FullName);
        Assert.Contains(Path.Combine(_folder.FullName, "mnist"), line);
    }

    [Theory]
    [InlineData("eval", "model.safetensors", "--data", "")]
    [InlineData("eval", "")]
    [InlineData("inspect", "")]
    [InlineData("predict", "", "rows.csv")]
    public void Empty_names(params string[] arguments) => LpomProcess.Run(_folder.FullName, arguments).AssertBadInput();

    [Fact]
    public void A_link_in_a_circle_is_no_output()
    {
        File.CreateSymbolicLink(_folder["a"], _folder["b"]);
        File.CreateSymbolicLink(_folder["b"], _folder["a"]);
        Refuses("--output", "--output", "a");
    }

    [Fact]
    public void A_file_that_is_no_model_is_not_overwritten()
    {
        const string Table = "1,2,a\n3,4,b\n";
        File.WriteAllText(_folder["own.csv"], Table);
        Refuses("own.csv", "--data", "own.csv", "--output", "own.csv");
        Assert.Equal(Table, File.ReadAllText(_folder["own.csv"]));
    }

    [Fact]
    public void A_fifo_without_a_writer_is_refused_not_waited_for()
    {
        using (var make = System.Diagnostics.Process.Start("mkfifo", [_folder["f.csv"]]))
            make.WaitForExit();
        Refuses("regular", "--data", "f.csv");
        Refuses("regular", "--output", "f.csv");
        Assert.Contains("regular", LpomProcess.Run(_folder.FullName, "inspect", "f.csv").AssertBadInput());
    }

    [Fact]
    public void A_folder_below_a_file_is_no_output()
    {
        File.WriteAllText(_folder["file"], "");
        Refuses("there is no folder", "--output", "file/model.safetensors");
    }

    [Fact]
    public void Unknown_idx_files_in_the_environment_s_folder_are_not_taken_for_mnist()
    {
        IdxFiles.Write(_folder["idx"]);
        Ran ran = LpomProcess.Run(_folder.FullName, ("LPOM_DATA", _folder["idx"]), null, "train", "--data", "mnist");
        Assert.Contains("not found", ran.AssertBadInput());
    }

    [Theory]
    [InlineData(0x801u, 60u, 4u, "wrong magic number")]
    [InlineData(0x803u, 0x80000000u, 28u, "images of 28×28")]
    [InlineData(0x803u, 61u, 4u, "61 images")]
    [InlineData(0x803u, 60u, 65_000u, "60 images")]
    public void Idx_headers_that_lie(uint magic, uint count, uint side, string expected)
    {
        IdxFiles.Write(_folder["set"]);
        File.WriteAllBytes(_folder[$"set/{IdxFiles.TrainImages}"], IdxFiles.Images(60, magic, count, side));
        Assert.Contains(IdxFiles.TrainImages, Refuses(expected, "--data", "set"));
    }

    [Fact]
    public void Fewer_labels_than_images()
    {
        IdxFiles.Write(_folder["set"]);
        File.WriteAllBytes(_folder[$"set/{IdxFiles.TrainLabels}"], IdxFiles.Labels(59));
        Refuses("59", "--data", "set");
    }

    [Fact]
    public void Truncated_gzip()
    {
        IdxFiles.Write(_folder["set"]);
        File.Delete(_folder[$"set/{IdxFiles.TrainImages}"]);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(IdxFiles.Images(60));
        byte[] bytes = packed.ToArray();
        File.WriteAllBytes(_folder[$"set/{IdxFiles.TrainImages}.gz"], bytes[..(bytes.Length / 2)]);
        Refuses("truncated", "--data", "set");
    }

    [Fact]
    public void Csv_with_text_where_a_number_belongs()
    {
        File.WriteAllText(_folder["table.csv"], "1,2,a\n3,four,b\n");
        Refuses("line 2, column 2", "--data", "table.csv");
    }

    [Theory]
    [InlineData("expected a command")]
    [InlineData("did you mean 'train'", "trian")]
    [InlineData("did you mean 'list'", "data", "lits")]
    [InlineData("did you mean '--json'", "eval", "--jsn", "model.safetensors")]
    [InlineData("Required argument", "inspect")]
    public void Commands(string expected, params string[] arguments) =>
        Assert.Contains(expected, LpomProcess.Run(_folder.FullName, arguments).AssertBadInput());

    [Fact]
    public void An_unknown_simd_width() =>
        Assert.Contains("LPOM_SIMD", LpomProcess.Run(_folder.FullName, ("LPOM_SIMD", "1024"), null, "train").AssertBadInput());

    private string Refuses(string expected, params string[] options)
    {
        string[] before = [.. _folder.Names];
        string line = LpomProcess.Run(_folder.FullName, ["train", .. options]).AssertBadInput();
        Assert.Contains(expected, line);
        Assert.Equal(before, _folder.Names);
        return line;
    }
}
