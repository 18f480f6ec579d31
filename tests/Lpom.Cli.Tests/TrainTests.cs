using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class TrainTests(TrainedDigits digits) : IClassFixture<TrainedDigits>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Defaults_train_digits_to_97_percent()
    {
        Assert.Equal(0, digits.Ran.ExitCode);
        Assert.StartsWith("Training a 64-128-10 network", digits.Ran.ErrorLines[0]);
        Assert.Equal(21, digits.Ran.ErrorLines.Length);
        Assert.InRange(digits.Done.GetProperty("testAccuracy").GetDouble(), 0.97, 1);
        Assert.True(File.Exists(digits[TrainedDigits.Model]));
    }

    [Fact]
    public void Json_is_a_start_an_epoch_each_and_done()
    {
        JsonElement[] lines = digits.Ran.Json;
        Assert.Equal(["start", .. Enumerable.Repeat("epoch", 20), "done"], lines.Select(l => l.GetProperty("event").GetString()));
        JsonElement start = lines[0], epoch = lines[7], done = lines[^1];
        Assert.Equal("digits", start.GetProperty("data").GetString());
        Assert.Equal("64-128-10", start.GetProperty("layers").GetString());
        Assert.Equal("lpom", start.GetProperty("method").GetString());
        Assert.Equal((65 * 128) + (129 * 10), start.GetProperty("parameters").GetInt32());
        Assert.Equal(Environment.ProcessorCount, start.GetProperty("threads").GetInt32());
        Assert.Contains(start.GetProperty("simd").GetInt32(), new[] { 512, 256, 128, 1 });
        Assert.Equal(7, epoch.GetProperty("epoch").GetInt32());
        Assert.True(epoch.GetProperty("loss").GetDouble() < lines[1].GetProperty("loss").GetDouble());
        Assert.True(epoch.GetProperty("objective").GetDouble() > 0);
        Assert.InRange(epoch.GetProperty("trainAccuracy").GetDouble(), 0.5, 1);
        Assert.True(epoch.GetProperty("seconds").GetDouble() < done.GetProperty("seconds").GetDouble());
        Assert.Equal(20, done.GetProperty("epochs").GetInt32());
        Assert.Equal(lines[^2].GetProperty("testAccuracy").GetDouble(), done.GetProperty("testAccuracy").GetDouble());
        Assert.Equal(0, done.GetProperty("allocatedBytesPerStep").GetDouble());
        Assert.InRange(done.GetProperty("peakMemoryMiB").GetDouble(), 5, 1000);
        Assert.Equal(TrainedDigits.Model, done.GetProperty("model").GetString());
    }

    [Fact]
    public void A_single_epoch_allocates_nothing_per_step_either()
    {
        // Alone: in a program that is warm the steps begin while the workers' threads still start.
        Ran ran = LpomProcess.RunAlone(_folder.FullName, "train", "--json", "--epochs", "1");
        Assert.Equal(0, ran.Json[^1].GetProperty("allocatedBytesPerStep").GetDouble());
    }

    [Fact]
    public void People_read_what_is_trained_how_it_goes_and_what_to_do_next()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--epochs", "2");
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("64-128-10 network on digits", ran.ErrorLines[0]);
        Assert.Contains("epoch 1/2", ran.ErrorLines[1]);
        Assert.Contains("epoch 2/2", ran.ErrorLines[2]);
        Assert.StartsWith("| lpom 64-128-10     |", ran.OutputLines[0]);
        Assert.Matches(@"^\| Test accuracy      \| +9\d\.\d\d % \|$", ran.OutputLines[2]);
        Assert.Equal(["Model: model.safetensors", "Next: lpom eval model.safetensors"], ran.OutputLines[^2..]);
        Assert.DoesNotContain('\e', ran.Output + ran.Errors);
    }

    [Fact]
    public void Quiet_says_nothing_on_the_standard_error()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--epochs", "1", "--quiet");
        Assert.Equal(0, ran.ExitCode);
        Assert.Equal("", ran.Errors);
        Assert.Matches(@"^Test accuracy \d\d\.\d\d % after .* Model: model.safetensors. Next: lpom eval model.safetensors$", Assert.Single(ran.OutputLines));
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_for_any_number_of_threads()
    {
        string[] threads = ["1", "2", "1", "2", "3"];
        var models = new List<byte[]>();
        foreach (string count in threads)
        {
            Ran ran = LpomProcess.Run(_folder.FullName, "train", "--epochs", "2", "--layers", "70-30", "--seed", "5", "--threads", count);
            Assert.Equal(0, ran.ExitCode);
            models.Add(File.ReadAllBytes(_folder[TrainedDigits.Model]));
        }

        Assert.All(models, model => Assert.Equal(models[0], model));
    }

    [Theory]
    [InlineData("lpom-paper", 0.97)]
    [InlineData("sgd", 0.96)]
    [InlineData("adam", 0.94)]
    public void Every_other_method_trains_digits_too_with_the_same_bytes_for_any_number_of_threads(string method, double least)
    {
        Ran one = LpomProcess.Run(_folder.FullName, "train", "--method", method, "--threads", "1", "--json", "--output", "1.safetensors");
        Assert.Equal(0, one.ExitCode);
        Assert.InRange(one.Json[^1].GetProperty("testAccuracy").GetDouble(), least, 1);
        Assert.Equal(0, one.Json[^1].GetProperty("allocatedBytesPerStep").GetDouble());
        Assert.Equal(0, LpomProcess.Run(_folder.FullName, "train", "--method", method, "--threads", "2", "--quiet", "--output", "2.safetensors").ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["1.safetensors"]), File.ReadAllBytes(_folder["2.safetensors"]));
    }

    [Fact]
    public void Columns_of_wild_scales_train_as_well_as_tame_ones()
    {
        File.WriteAllLines(_folder["wild.csv"], Enumerable.Range(0, 400).Select(i => FormattableString.Invariant($"{(i % 2) * 1e-4 + (i % 7) * 1e-5},{1e6 + i % 5},{3},{i % 3 * 1e3},{i % 2}")));
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--data", "wild.csv", "--layers", "8", "--json", "--quiet");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.InRange(ran.Json[^1].GetProperty("testAccuracy").GetDouble(), 0.95, 1);
        Ran eval = LpomProcess.Run(_folder.FullName, "eval", TrainedDigits.Model, "--data", "wild.csv", "--json");
        Assert.Equal(ran.Json[^1].GetProperty("testAccuracy").GetDouble(), eval.Json[0].GetProperty("accuracy").GetDouble());
    }

    [Fact]
    public void Another_seed_gives_another_model()
    {
        Assert.Equal(0, LpomProcess.Run(_folder.FullName, "train", "--seed", "2").ExitCode);
        Assert.NotEqual(File.ReadAllBytes(digits[TrainedDigits.Model]), File.ReadAllBytes(_folder[TrainedDigits.Model]));
    }

    [Theory]
    [InlineData("20", "64-20-10")]
    [InlineData("64-20-10", "64-20-10")]
    [InlineData("20-30", "64-20-30-10")]
    [InlineData("64-10", "64-10")]
    public void Layers_are_hidden_widths_or_the_whole_network(string layers, string network)
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--epochs", "1", "--json", "--layers", layers);
        Assert.Equal(network, ran.Json[0].GetProperty("layers").GetString());
    }

    [Fact]
    public void Validation_rows_are_held_out_and_reported()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--epochs", "2", "--json", "--validation", "200");
        int all = digits.Ran.Json[0].GetProperty("trainRows").GetInt32();
        Assert.Equal(all - 200, ran.Json[0].GetProperty("trainRows").GetInt32());
        Assert.InRange(ran.Json[^1].GetProperty("validationAccuracy").GetDouble(), 0.5, 1);
    }

    [Fact]
    public void Patience_stops_early_and_keeps_the_best_epoch_s_weights()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--patience", "2", "--epochs", "200", "--schedule", "constant", "--layers", "20", "--json");
        JsonElement[] epochs = [.. ran.Json.Where(l => l.GetProperty("event").GetString() == "epoch")];
        double[] validation = [.. epochs.Select(e => e.GetProperty("validationAccuracy").GetDouble())];
        int best = Array.IndexOf(validation, validation.Max());
        Assert.InRange(epochs.Length, 3, 199);
        Assert.Equal(best + 3, epochs.Length);
        Assert.Equal(best + 1, ran.Json[^1].GetProperty("epochs").GetInt32());
        Assert.Equal(epochs[best].GetProperty("testAccuracy").GetDouble(), ran.Json[^1].GetProperty("testAccuracy").GetDouble());
        JsonElement score = LpomProcess.Run(_folder.FullName, "eval", TrainedDigits.Model, "--json").Json[0];
        Assert.Equal(epochs[best].GetProperty("testAccuracy").GetDouble(), score.GetProperty("accuracy").GetDouble());
    }

    [Fact]
    public void Dropout_and_averaging_train_too()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--dropout", "0.1", "--average", "0.25", "--json", "--quiet");
        Assert.InRange(ran.Json[^1].GetProperty("testAccuracy").GetDouble(), 0.96, 1);
        Assert.Equal(0, ran.Json[^1].GetProperty("allocatedBytesPerStep").GetDouble());
        Assert.NotEqual(File.ReadAllBytes(digits[TrainedDigits.Model]), File.ReadAllBytes(_folder[TrainedDigits.Model]));
    }

    [Fact]
    public void Cross_entropy_trains_on_a_linear_output()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--json", "--loss", "cross-entropy", "--layers", "40");
        Assert.InRange(ran.Json[^1].GetProperty("testAccuracy").GetDouble(), 0.9, 1);
        JsonElement metadata = LpomProcess.Run(_folder.FullName, "inspect", TrainedDigits.Model, "--json").Json[0].GetProperty("metadata");
        Assert.Equal("relu,identity", metadata.GetProperty("activations").GetString());
        Assert.Equal("cross-entropy", metadata.GetProperty("loss").GetString());
    }

    [Theory]
    [InlineData("1e-30")]
    [InlineData("1e-5")]
    public void Divergence_is_one_line_with_advice_and_keeps_the_last_good_model_and_the_file_before(string mu)
    {
        File.Copy(digits[TrainedDigits.Model], _folder["m.safetensors"]);
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--method", "lpom-paper", "--mu", mu, "--quiet", "--output", "m.safetensors");
        Assert.Equal(1, ran.ExitCode);
        string line = Assert.Single(ran.ErrorLines);
        Assert.StartsWith("lpom: training diverged in epoch 1, after 3 restarts with smaller steps: layer ", line);
        Assert.Contains("--mu", line);
        Assert.Equal(File.ReadAllBytes(digits[TrainedDigits.Model]), File.ReadAllBytes(_folder["m.safetensors.previous"]));
        JsonElement metadata = LpomProcess.Run(_folder.FullName, "inspect", "m.safetensors", "--json").Json[0].GetProperty("metadata");
        Assert.Equal("0", metadata.GetProperty("epochs").GetString());
    }

    [Fact]
    public void Divergence_and_a_model_that_is_elsewhere_are_one_line()
    {
        File.Copy(digits[TrainedDigits.Model], _folder["m.safetensors"]);
        foreach (string inTheWay in (string[])["m.safetensors.previous", "m.safetensors.unfinished"])
            Directory.CreateDirectory(Path.Combine(_folder[inTheWay], "in the way"));
        Directory.CreateDirectory(_folder["tmp"]);
        // Of an earlier run with the same process number, as in a container.
        Ran ran = Shell($"export TMPDIR=$PWD/tmp; touch tmp/m-$$.safetensors; exec {TestedProgram.ShellCommand} train --method lpom-paper --mu 1e-5 --quiet --output m.safetensors");
        Assert.Equal(1, ran.ExitCode);
        string line = Assert.Single(ran.ErrorLines);
        Assert.StartsWith("lpom: training diverged in epoch 1", line);
        Assert.Matches("the untrained start is in .*/tmp/m-[^ ]*[.]safetensors; m[.]safetensors: the model cannot be written: ", line);
        Assert.Equal([0, 1], Directory.EnumerateFiles(_folder["tmp"], "*.safetensors").Select(file => Math.Sign(new FileInfo(file).Length)).Order());
    }

    [Fact]
    public void What_a_killed_process_left_is_not_in_the_way()
    {
        Ran ran = Shell($"touch .m.safetensors.$$.tmp; exec {TestedProgram.ShellCommand} train --epochs 1 --layers 4 --quiet --output m.safetensors");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
    }

    [Fact]
    public void Training_that_diverges_goes_on_from_the_last_good_weights_with_smaller_steps()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--method", "lpom-paper", "--mu", "0.05", "--layers", "16", "--epochs", "3", "--seed", "5", "--json");
        Assert.Equal(0, ran.ExitCode);
        JsonElement[] restarts = [.. ran.Json.Where(l => l.GetProperty("event").GetString() == "restart")];
        Assert.InRange(restarts.Length, 1, 3);
        Assert.Equal(0.25, restarts[0].GetProperty("stepPart").GetDouble());
        Assert.Equal(restarts.Length, ran.ErrorLines.Count(line => line.StartsWith("training diverged in epoch ", StringComparison.Ordinal)));
        Assert.InRange(ran.Json[^1].GetProperty("trainAccuracy").GetDouble(), 0.3, 1);
        JsonElement metadata = LpomProcess.Run(_folder.FullName, "inspect", TrainedDigits.Model, "--json").Json[0].GetProperty("metadata");
        Assert.Equal($"{restarts.Length}", metadata.GetProperty("restarts").GetString());
        Assert.False(metadata.TryGetProperty("diverged", out _));
    }

    [Fact]
    public void Divergence_in_an_epoch_s_first_step_blames_the_epoch_before()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--method", "lpom-paper", "--mu", "2.5e-4", "--batch", "65536", "--epochs", "3", "--json", "--quiet");
        Assert.Equal(0, ran.ExitCode);
        // The second epoch's first step fails: training goes on from before the first epoch.
        Assert.Equal(["start", "epoch", "restart", "epoch"], ran.Json.Take(4).Select(l => l.GetProperty("event").GetString()));
        Assert.Equal(0, ran.Json[2].GetProperty("epochs").GetInt32());
        Assert.Equal(1, ran.Json[3].GetProperty("epoch").GetInt32());
    }

    [Fact]
    public void The_best_epoch_is_none_that_a_restart_took_back()
    {
        Ran ran = LpomProcess.Run(
            _folder.FullName, "train", "--method", "lpom-paper", "--mu", "1e-3", "--batch", "65536", "--epochs", "3", "--patience", "3", "--validation", "100", "--seed", "5", "--json", "--quiet");
        Assert.Equal(0, ran.ExitCode);
        JsonElement[] first = [.. ran.Json.Where(l => l.TryGetProperty("epoch", out JsonElement epoch) && epoch.GetInt32() == 1)];
        Assert.InRange(first.Length, 2, 4);
        JsonElement done = ran.Json[^1];
        Assert.Equal(1, done.GetProperty("epochs").GetInt32());
        // Both have the same score: their times tell them apart.
        Assert.Equal(first[^1].GetProperty("seconds").GetDouble(), done.GetProperty("seconds").GetDouble());
    }

    [Theory]
    [InlineData("identity", 0.93)]
    [InlineData("relu", 0.95)]
    [InlineData("leaky-relu", 0.95)]
    [InlineData("elu", 0.95)]
    [InlineData("sigmoid", 0.95)]
    [InlineData("tanh", 0.95)]
    [InlineData("hard-sigmoid", 0.95)]
    [InlineData("hard-tanh", 0.95)]
    [InlineData("softplus", 0.95)]
    [InlineData("clip01", 0.95)]
    public void Every_activation_trains(string activation, double least)
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--activation", activation, "--loss", "cross-entropy", "--epochs", "20", "--json", "--quiet");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.InRange(ran.Json[^1].GetProperty("testAccuracy").GetDouble(), least, 1);
    }

    [Theory]
    [InlineData("leaky-relu")]
    [InlineData("clip01")]
    public void Other_activations_train_with_the_defaults_too(string activation)
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--activation", activation, "--json", "--quiet");
        Assert.InRange(ran.Json[^1].GetProperty("testAccuracy").GetDouble(), 0.95, 1);
    }

    [Fact]
    public void The_next_command_works()
    {
        IdxFiles.Write(_folder["my set"]);
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--data", "my set", "--layers", "4", "--epochs", "1", "--quiet", "--output", "it's.safetensors");
        string next = Assert.Single(ran.OutputLines).Split("Next: lpom ")[1];
        Assert.Equal(@"eval 'it'\''s.safetensors' --data 'my set'", next);
        Ran eval = Shell($"{TestedProgram.ShellCommand} {next}");
        Assert.Equal((0, ""), (eval.ExitCode, eval.Errors));
    }

    [Fact]
    public void A_folder_that_bears_a_known_name_is_not_taken_for_the_named_data()
    {
        IdxFiles.Write(_folder["digits"]);
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--data", "./digits", "--layers", "4", "--epochs", "1", "--json", "--quiet");
        Assert.Equal("digits/", ran.Json[0].GetProperty("data").GetString());
        Assert.Contains("--data", LpomProcess.Run(_folder.FullName, "eval", TrainedDigits.Model).AssertBadInput());
        Assert.Equal(0, LpomProcess.Run(_folder.FullName, "eval", TrainedDigits.Model, "--data", "./digits").ExitCode);
    }

    [Theory]
    [InlineData("--json --quiet", false)]
    [InlineData("--quiet", true)]
    public void A_full_disk_behind_the_standard_output_is_a_failure(string option, bool isTrained)
    {
        Ran ran = Shell($"{TestedProgram.ShellCommand} train --epochs 1 {option} > /dev/full");
        Assert.Equal(1, ran.ExitCode);
        Assert.StartsWith("lpom: cannot write to the standard output", Assert.Single(ran.ErrorLines));
        Assert.Equal(isTrained, File.Exists(_folder[TrainedDigits.Model]));
    }

    [Fact]
    public void Idx_folder_trains_and_evaluates()
    {
        IdxFiles.Write(_folder["set"]);
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--data", "set", "--layers", "8", "--batch", "10", "--json");
        Assert.Equal("16-8-2", ran.Json[0].GetProperty("layers").GetString());
        Assert.Equal(1, ran.Json[^1].GetProperty("testAccuracy").GetDouble());
        Ran eval = LpomProcess.Run(_folder.FullName, "eval", TrainedDigits.Model, "--data", "set", "--json");
        Assert.Equal(20, eval.Json[0].GetProperty("samples").GetInt32());
        Assert.Equal(1, eval.Json[0].GetProperty("accuracy").GetDouble());
    }

    [Fact]
    public void Cifar_batches_train_with_the_channels_means_removed()
    {
        WriteCifar(_folder["cifar10"], rowsPerBatch: 40);
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--data", "cifar10", "--data-dir", _folder.FullName, "--layers", "16", "--epochs", "2", "--json");
        Assert.Equal(0, ran.ExitCode);
        Assert.Equal("3072-16-10", ran.Json[0].GetProperty("layers").GetString());
        Ran eval = LpomProcess.Run(_folder.FullName, "eval", TrainedDigits.Model, "--data-dir", _folder.FullName, "--json");
        Assert.Equal(ran.Json[^1].GetProperty("testAccuracy").GetDouble(), eval.Json[0].GetProperty("accuracy").GetDouble());
        JsonElement metadata = LpomProcess.Run(_folder.FullName, "inspect", TrainedDigits.Model, "--json").Json[0].GetProperty("metadata");
        Assert.Equal(3, JsonDocument.Parse(metadata.GetProperty("input-offsets").GetString()!).RootElement.GetArrayLength());
    }

    private Ran Shell(string command)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sh", ["-c", command])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        return LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>The binary version's files: a label byte, then 1,024 red, green and blue bytes, row after row.</summary>
    private static void WriteCifar(string folder, int rowsPerBatch)
    {
        Directory.CreateDirectory(folder);
        string[] files = [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin"), "test_batch.bin"];
        foreach (string file in files)
        {
            byte[] bytes = new byte[rowsPerBatch * 3073];
            for (int row = 0; row < rowsPerBatch; row++)
            {
                Span<byte> record = bytes.AsSpan(row * 3073, 3073);
                record[0] = (byte)(row % 10);
                for (int i = 1; i < record.Length; i++)
                    record[i] = (byte)((i * 31 * (record[0] + 1)) + row);
            }

            File.WriteAllBytes(Path.Combine(folder, file), bytes);
        }
    }
}
