using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class CheckpointTests : IDisposable
{
    private const string Model = "model.safetensors", Folder = "run 1 Ä", Newest = "checkpoint.lpom", Previous = "checkpoint.previous.lpom";

    private static readonly string[] Small = ["--layers", "16", "--epochs", "4", "--seed", "5", "--json", "--quiet"];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(3, "lpom", "--dropout", "0.1")]
    [InlineData(3, "lpom", "--task", "autoencode")]
    [InlineData(3, "lpom-paper")]
    [InlineData(3, "sgd", "--average", "0.5")]
    [InlineData(3, "adam", "--patience", "2")]
    // It diverges three times in the first steps, and is killed in the second epoch behind them.
    [InlineData(9, "lpom-paper", "--mu", "0.002")]
    public void A_run_that_was_killed_goes_on_to_the_same_model(int checkpoints, string method, params string[] options)
    {
        string[] run = ["--method", method, .. options];
        // What threads share is no part of the run.
        Ran resumed = AssertGoesOn(checkpoints, run, method == "lpom" ? ["--parallel", "rows"] : []);
        Assert.InRange(resumed.Json[0].GetProperty("resumedAfterStep").GetInt32(), 15, 60);
    }

    [Fact]
    public void A_run_of_overlapping_batches_in_one_order_is_left_where_none_is_in_flight_and_goes_on_to_the_same_model()
    {
        const int batch = 20, window = 64;
        Ran resumed = AssertGoesOn(3, ["--parallel", "sync", "--batch", $"{batch}"], ["--threads", "1"]);
        int inEpoch = (resumed.Json[0].GetProperty("trainRows").GetInt32() + batch - 1) / batch;
        Assert.Equal(window, resumed.Json[0].GetProperty("resumedAfterStep").GetInt32() % inEpoch);
    }

    // With the bytes and figures of a run that was never stopped.
    private Ran AssertGoesOn(int checkpoints, string[] run, string[] changed)
    {
        Assert.Equal(0, Train([.. run, "--report", "whole.html"]).ExitCode);
        byte[] whole = File.ReadAllBytes(_folder[Model]);
        File.Delete(_folder[Model]);

        KillAfterCheckpoints(checkpoints, [.. run, "--checkpoint", Folder, "--checkpoint-every", "5steps"]);
        Ran resumed = Train([.. run, .. changed, "--checkpoint", Folder, "--resume", "--report", "resumed.html"]);
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Errors));
        Assert.Equal(whole, File.ReadAllBytes(_folder[Model]));
        Assert.Equal(ReportFile.Curves(_folder["whole.html"]), ReportFile.Curves(_folder["resumed.html"]));
        Assert.Equal(0, resumed.Json[^1].GetProperty("allocatedBytesPerStep").GetDouble());
        return resumed;
    }

    /// <summary>What whoever can write to the folder may put into a checkpoint, with a right checksum.</summary>
    private static readonly Dictionary<string, Action<CheckpointBytes>> Changes = new()
    {
        ["a figure of it is NaN"] = c => c.Set(c.History, double.NaN),
        ["a figure of it is Infinity"] = c => c.Set(c.Objective, double.PositiveInfinity),
        ["a score of it is an accuracy of NaN"] = c => c.Set(c.TrainScore + 2, double.NaN),
        ["an epoch of it has no score on rows that are there"] = c =>
        {
            c.Remove(c.ValidationScore, CheckpointBytes.ScoreBytes);
            c.Insert(c.ValidationScore, 0);
        },
        ["a model of it is after 0 epochs of 4"] = c => c.Set(c.Network, 0),
        ["it is in epoch 5 with models after 2,"] = c => c.Set(c.Network, 2),
        ["it is in epoch 5 with models after 4, 3, 0 and"] = c => c.Set(c.References + 8, -1),
        ["a model of it is 64-16-10 with identity+bias,relu+bias and loss LeastSquares, not 64-16-10 with relu+bias,identity+bias and loss CrossEntropy"] = c =>
        {
            c.Set(c.Restarts, 1);
            c.Replace("relu,identity", "identity,relu");
            c.Replace("cross-entropy", "least-squares");
        },
        ["The state has a matrix [16 × 65] with NaN in row 0, column 0"] = c => c.Set(c.FirstWeight, float.NaN),
        ["1 bytes follow where it should end"] = c => c.Insert(c.End, 0),
    };

    public static TheoryData<string> ChangedCheckpoints => [.. Changes.Keys];

    [Theory, MemberData(nameof(ChangedCheckpoints))]
    public void A_checkpoint_that_was_made_up_is_refused(string problem)
    {
        string[] run = ["--patience", "4", "--validation", "100", "--checkpoint", Folder];
        Assert.Equal(0, Train(run).ExitCode);
        var checkpoint = new CheckpointBytes(Checkpoint(Newest));
        Changes[problem](checkpoint);
        checkpoint.Save(Checkpoint(Newest));
        Assert.Contains($"the checkpoint cannot be used: {problem}", Train([.. run, "--resume"]).AssertBadInput());
    }

    [Fact]
    public void A_made_up_model_that_overflows_on_the_rows_as_they_are_is_refused()
    {
        File.WriteAllLines(_folder["own.csv"], Enumerable.Range(0, 40).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},{i % 3},{(1000 * i) + 0.5}")));
        string[] run = ["--data", "own.csv", "--task", "regress", "--checkpoint", Folder];
        Assert.Equal(0, Train(run).ExitCode);
        var checkpoint = new CheckpointBytes(Checkpoint(Newest));
        checkpoint.Set(checkpoint.References - 4, 3e38f);
        checkpoint.Save(Checkpoint(Newest));
        Assert.Contains("the checkpoint cannot be used: its model after epoch ", Train([.. run, "--resume"]).AssertBadInput());
    }

    [Fact]
    public void An_interrupted_run_goes_on_to_the_same_model()
    {
        Assert.Equal(0, Train("--epochs", "300").ExitCode);
        byte[] whole = File.ReadAllBytes(_folder[Model]);
        using (Process process = Start("--epochs", "300", "--checkpoint", Folder))
        {
            _ = process.StandardOutput.ReadLine();
            _ = process.StandardOutput.ReadLine();
            using (Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
                kill.WaitForExit();
            string rest = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(130, process.ExitCode);
            Assert.Contains("\"event\":\"checkpoint\"", rest);
        }

        Assert.Equal(0, Train("--epochs", "300", "--checkpoint", Folder, "--resume").ExitCode);
        Assert.Equal(whole, File.ReadAllBytes(_folder[Model]));
    }

    [Fact]
    public void Batches_that_overlap_are_all_in_a_checkpoint_and_in_the_figures()
    {
        string[] run = ["--layers", "16-16-16", "--epochs", "4", "--threads", "2", "--parallel", "async", "--checkpoint", Folder];
        KillAfterCheckpoints(3, [.. run, "--checkpoint-every", "5steps"]);
        Ran resumed = Train([.. run, "--resume"]);
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Errors));
        Assert.True(resumed.Json[^1].GetProperty("testAccuracy").GetDouble() > 0.8);
        Assert.Equal(0, resumed.Json[^1].GetProperty("allocatedBytesPerStep").GetDouble());
    }

    [Fact]
    public void A_run_that_is_finished_gives_its_model_again()
    {
        Assert.Equal(0, Train("--checkpoint", Folder).ExitCode);
        byte[] whole = File.ReadAllBytes(_folder[Model]);
        File.Delete(_folder[Model]);
        Ran again = Train("--checkpoint", Folder, "--resume");
        Assert.Equal(["start", "done"], again.Json.Select(l => l.GetProperty("event").GetString()));
        Assert.Equal(whole, File.ReadAllBytes(_folder[Model]));
        // A new one may take its place.
        Assert.Equal(0, Train("--checkpoint", Folder, "--seed", "6").ExitCode);
    }

    [Fact]
    public void An_unfinished_run_is_not_written_over()
    {
        KillAfterCheckpoints(1, "--checkpoint", Folder, "--checkpoint-every", "1steps");
        byte[] before = File.ReadAllBytes(Checkpoint(Newest));
        Assert.Contains("holds a run that is not finished; go on with it by --resume, give another folder, or remove this one", Train("--checkpoint", Folder).AssertBadInput());
        Assert.Equal(before, File.ReadAllBytes(Checkpoint(Newest)));
    }

    [Fact]
    public void Without_a_checkpoint_training_starts_at_the_beginning()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--layers", "8", "--epochs", "1", "--checkpoint", Folder, "--resume");
        Assert.Equal(0, ran.ExitCode);
        Assert.Equal($"there is no checkpoint in {Folder} yet: training starts at the beginning", ran.ErrorLines[0]);
        Assert.Equal("", Train("--checkpoint", "another", "--resume").Errors);
    }

    [Fact]
    public void Options_of_any_length_are_read_again()
    {
        string target = new('t', 5000);
        File.WriteAllLines(_folder["own.csv"], ["x", .. Enumerable.Range(0, 20).Select(i => $"{i},{i % 3},{(i % 2 == 0 ? "a" : "b")}")]);
        File.WriteAllText(_folder["own.csv"], File.ReadAllText(_folder["own.csv"])[1..].Insert(0, $"x,y,{target}"));
        string[] run = ["--data", "own.csv", "--target", target, "--checkpoint", Folder];
        Assert.Equal(0, Train(run).ExitCode);
        Ran resumed = Train([.. run, "--resume"]);
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Errors));
    }

    [Fact]
    public void A_run_that_diverges_names_the_way_out_of_its_folder()
    {
        string[] run = ["--method", "lpom-paper", "--mu", "1e-5", "--checkpoint", Folder, "--checkpoint-every", "1steps"];
        Ran ran = Train(run);
        Assert.Equal(1, ran.ExitCode);
        Assert.EndsWith($"; the run in {Folder} stays unfinished: remove that folder, or give another --checkpoint", Assert.Single(ran.ErrorLines));
        // Without a checkpoint nothing is in the way.
        ran = Train([.. run[..4], "--checkpoint", "another"]);
        Assert.EndsWith("the untrained start is in model.safetensors", Assert.Single(ran.ErrorLines));
    }

    [Theory]
    [InlineData("it has --seed 5, not --seed 6", "--seed", "6")]
    [InlineData("it has no --lr, not --lr 0.5", "--lr", "0.5")]
    [InlineData("it has --layers 64-16-10, not --layers 64-17-10", "--layers", "17")]
    [InlineData("it has --method lpom, not --method adam", "--method", "adam")]
    [InlineData("it was trained on digits, not on own.csv", "--data", "own.csv")]
    public void Other_options_are_refused(string difference, params string[] options)
    {
        File.WriteAllLines(_folder["own.csv"], Enumerable.Range(0, 20).Select(i => $"{i},{i % 3},{(i % 2 == 0 ? "a" : "b")}"));
        Assert.Equal(0, Train("--checkpoint", Folder).ExitCode);
        Assert.Contains(difference, Train([.. options, "--checkpoint", Folder, "--resume"]).AssertBadInput());
    }

    [Fact]
    public void Changed_data_is_refused()
    {
        string[] rows = [.. Enumerable.Range(0, 40).Select(i => $"{i},{i % 3},{(i % 2 == 0 ? "a" : "b")}")];
        File.WriteAllLines(_folder["own.csv"], rows);
        Assert.Equal(0, Train("--data", "own.csv", "--checkpoint", Folder).ExitCode);
        rows[7] = "7,2,b";
        File.WriteAllLines(_folder["own.csv"], rows);
        Assert.Contains("the rows of own.csv are not those that it was trained on", Train("--data", "own.csv", "--checkpoint", Folder, "--resume").AssertBadInput());
    }

    [Fact]
    public void The_same_rows_with_another_meaning_are_refused()
    {
        string[] rows = [.. Enumerable.Range(0, 40).Select(i => $"{i},{i % 3},{(i % 2 == 0 ? "a" : "b")}")];
        File.WriteAllLines(_folder["own.csv"], rows);
        Assert.Equal(0, Train("--data", "own.csv", "--checkpoint", Folder).ExitCode);
        foreach (string[] other in (string[][])[[.. rows.Select(row => row.Replace('b', 'c'))], [.. Enumerable.Range(0, 40).Select(i => $"{2 * i},{i % 3},{(i % 2 == 0 ? "a" : "b")}")]])
        {
            File.WriteAllLines(_folder["own.csv"], other);
            Assert.Contains("the classes, columns or scales of own.csv are not those that it was trained on", Train("--data", "own.csv", "--checkpoint", Folder, "--resume").AssertBadInput());
        }
    }

    [Fact]
    public void The_checkpoint_of_another_version_of_the_program_is_refused()
    {
        Assert.Equal(0, Train("--checkpoint", Folder).ExitCode);
        var checkpoint = new CheckpointBytes(Checkpoint(Newest));
        string version = LpomProcess.Run(_folder.FullName, "--version").Output.Split(' ')[1];
        checkpoint.Replace(version, $"9{version[1..]}", from: 0);
        checkpoint.Save(Checkpoint(Newest));
        Assert.Contains($"it was trained by lpom 9{version[1..]}, this is lpom {version}", Train("--checkpoint", Folder, "--resume").AssertBadInput());
    }

    [Fact]
    public void A_damaged_checkpoint_gives_way_to_the_one_before()
    {
        KillAfterCheckpoints(3, "--checkpoint", Folder, "--checkpoint-every", "5steps");
        byte[] bytes = File.ReadAllBytes(Checkpoint(Newest));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(Checkpoint(Newest), bytes);
        byte[] previous = File.ReadAllBytes(Checkpoint(Previous));
        Ran ran = Train("--checkpoint", Folder, "--resume");
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("checkpoint is damaged", Assert.Single(ran.ErrorLines));
        // The whole one stays until there are two.
        Assert.Equal(previous, File.ReadAllBytes(Checkpoint(Previous)));
        byte[] resumed = File.ReadAllBytes(_folder[Model]);
        Assert.Equal(0, Train().ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder[Model]), resumed);
    }

    [Fact]
    public void Damaged_checkpoints_alone_are_refused()
    {
        Assert.Equal(0, Train("--checkpoint", Folder).ExitCode);
        File.Delete(Checkpoint(Previous));
        byte[] whole = File.ReadAllBytes(Checkpoint(Newest));
        foreach (byte[] bad in (byte[][])[[], whole[..10], whole[..^1], [.. whole, 0]])
        {
            File.WriteAllBytes(Checkpoint(Newest), bad);
            Ran ran = Train("--checkpoint", Folder, "--resume");
            Assert.Equal((2, ""), (ran.ExitCode, ran.Output));
            Assert.Contains("no checkpoint there is whole", ran.ErrorLines[^1]);
        }
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_does_not_end_the_training()
    {
        Directory.CreateDirectory(Path.Combine(_folder[Folder], "checkpoint.next.lpom", "in the way"));
        Ran ran = Train("--checkpoint", Folder, "--checkpoint-every", "40steps");
        Assert.Equal((0, 2), (ran.ExitCode, ran.ErrorLines.Length));
        Assert.StartsWith($"lpom: --checkpoint: {Folder}: the checkpoint cannot be written, training goes on: ", ran.ErrorLines[0]);
        Assert.StartsWith($"lpom: --checkpoint: {Folder}: the checkpoint cannot be written: ", ran.ErrorLines[1]);
        Assert.DoesNotContain("checkpoint", ran.Output);
        Assert.True(File.Exists(_folder[Model]));
    }

    [Theory]
    [InlineData(false, "; there is no checkpoint to go on from")]
    [InlineData(true, "; the same command with --resume goes on from an earlier checkpoint")]
    public async Task An_interrupted_run_says_what_it_can_go_on_from(bool hasEarlier, string end)
    {
        string blocked = Path.Combine(_folder[Folder], "checkpoint.next.lpom", "in the way");
        if (!hasEarlier)
            Directory.CreateDirectory(blocked);
        using Process process = LpomProcess.Start(_folder.FullName, null, "train", "--layers", "16", "--epochs", "5000", "--json", "--checkpoint", Folder, "--checkpoint-every", "100steps");
        for (string line = ""; !line.Contains(hasEarlier ? "\"checkpoint\"" : "\"epoch\"", StringComparison.Ordinal);)
            line = (await process.StandardOutput.ReadLineAsync())!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        // Between two renames the name is free or a file's.
        while (!Directory.Exists(blocked))
        {
            try
            {
                Directory.CreateDirectory(blocked);
            }
            catch (IOException)
            {
            }
        }

        using (Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync();
        _ = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(130, process.ExitCode);
        string last = (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("interrupted in epoch ", last);
        Assert.EndsWith(end, last);
    }

    [Fact]
    public void A_folder_that_was_removed_is_made_again()
    {
        using (Process process = Start("--epochs", "100000", "--checkpoint", Folder, "--checkpoint-every", "1steps"))
        {
            _ = process.StandardOutput.ReadLine();
            _ = process.StandardOutput.ReadLine();
            Directory.Move(_folder[Folder], _folder["away"]);
            for (int i = 0; i < 100 || !File.Exists(Checkpoint(Newest)); i++)
                Assert.NotNull(process.StandardOutput.ReadLine());
            // And others are kept out of it as before.
            Assert.Contains("is in use by another run", Train("--checkpoint", Folder, "--resume").AssertBadInput());
            process.Kill();
            process.WaitForExit();
        }
    }

    [Theory]
    [InlineData("--resume: there is no folder of checkpoints", "--resume")]
    [InlineData("--checkpoint-every: there is no folder", "--checkpoint-every", "5s")]
    [InlineData("--checkpoint-every: expected a number of steps or a time", "--checkpoint", "c", "--checkpoint-every", "5")]
    [InlineData("--checkpoint-every: expected a number of steps or a time", "--checkpoint", "c", "--checkpoint-every", "0s")]
    [InlineData("--checkpoint-every: expected a number of steps or a time", "--checkpoint", "c", "--checkpoint-every", "99999999999min")]
    [InlineData("a file is a file; give a folder", "--checkpoint", "a file")]
    public void Wrong_options(string expected, params string[] options)
    {
        File.WriteAllText(_folder["a file"], "");
        Assert.Contains(expected, Train(options).AssertBadInput());
    }

    [Fact]
    public void Two_runs_do_not_share_a_folder()
    {
        using Process process = Start("--epochs", "100000", "--checkpoint", Folder, "--checkpoint-every", "1steps");
        _ = process.StandardOutput.ReadLine();
        Assert.Contains("is in use by another run", Train("--checkpoint", Folder, "--resume").AssertBadInput());
        process.Kill();
        process.WaitForExit();
    }

    [Fact]
    public void Only_a_lock_that_is_held_says_that_a_folder_is_in_use()
    {
        Directory.CreateDirectory(_folder[Folder]);
        File.CreateSymbolicLink(Checkpoint("lock"), "lock");
        Assert.Contains($"--checkpoint: {Folder}: no checkpoint can be written there: ", Train("--checkpoint", Folder).AssertBadInput());
    }

    private string Checkpoint(string name) => Path.Combine(_folder[Folder], name);

    private Ran Train(params string[] options) => LpomProcess.Run(_folder.FullName, Arguments(options));

    private Process Start(params string[] options) => LpomProcess.Start(_folder.FullName, null, Arguments(options));

    // Options given twice would be refused.
    private static string[] Arguments(string[] options)
    {
        var all = new List<string> { "train" };
        for (int i = 0; i < Small.Length; i++)
        {
            bool hasValue = i + 1 < Small.Length && !Small[i + 1].StartsWith('-');
            if (!options.Contains(Small[i]))
                all.AddRange(hasValue ? [Small[i], Small[i + 1]] : [Small[i]]);
            i += hasValue ? 1 : 0;
        }

        return [.. all, .. options];
    }

    private void KillAfterCheckpoints(int count, params string[] options)
    {
        using Process process = Start(options);
        for (int seen = 0; seen < count;)
        {
            string line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(process.StandardError.ReadToEnd());
            seen += JsonDocument.Parse(line).RootElement.GetProperty("event").GetString() == "checkpoint" ? 1 : 0;
        }

        process.Kill();
        process.WaitForExit();
        Assert.NotEqual(0, process.ExitCode);
    }
}
