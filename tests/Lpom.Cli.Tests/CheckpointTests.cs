using System.Diagnostics;
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
        Assert.Equal(0, Train(run).ExitCode);
        byte[] whole = File.ReadAllBytes(_folder[Model]);
        File.Delete(_folder[Model]);

        KillAfterCheckpoints(checkpoints, [.. run, "--checkpoint", Folder, "--checkpoint-every", "5steps"]);
        Ran resumed = Train([.. run, "--checkpoint", Folder, "--resume"]);
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Errors));
        Assert.InRange(resumed.Json[0].GetProperty("resumedAfterStep").GetInt32(), 15, 60);
        Assert.Equal(whole, File.ReadAllBytes(_folder[Model]));
        Assert.Equal(0, resumed.Json[^1].GetProperty("allocatedBytesPerStep").GetDouble());
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
        Assert.Contains("holds a run that is not finished; go on with it by --resume", Train("--checkpoint", Folder).AssertBadInput());
        Assert.Equal(before, File.ReadAllBytes(Checkpoint(Newest)));
    }

    [Fact]
    public void Without_a_checkpoint_training_starts_at_the_beginning()
    {
        Ran ran = LpomProcess.Run(_folder.FullName, "train", "--layers", "8", "--epochs", "1", "--checkpoint", Folder, "--resume");
        Assert.Equal(0, ran.ExitCode);
        Assert.Equal($"there is no checkpoint in {Folder} yet: training starts at the beginning", ran.ErrorLines[0]);
    }

    [Theory]
    [InlineData("it has --seed 5, not --seed 6", "--seed", "6")]
    [InlineData("it has no --lr, not --lr 0.5", "--lr", "0.5")]
    [InlineData("it has --layers 16, not --layers 17", "--layers", "17")]
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
    public void A_damaged_checkpoint_gives_way_to_the_one_before()
    {
        KillAfterCheckpoints(3, "--checkpoint", Folder, "--checkpoint-every", "5steps");
        byte[] bytes = File.ReadAllBytes(Checkpoint(Newest));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(Checkpoint(Newest), bytes);
        Ran ran = Train("--checkpoint", Folder, "--resume");
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("checkpoint is damaged", Assert.Single(ran.ErrorLines));
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
        Assert.All(ran.ErrorLines, line => Assert.StartsWith($"lpom: --checkpoint: {Folder}: the checkpoint cannot be written, training goes on: ", line));
        Assert.DoesNotContain("checkpoint", ran.Output);
        Assert.True(File.Exists(_folder[Model]));
    }

    [Fact]
    public void A_folder_that_was_removed_is_made_again()
    {
        using (Process process = Start("--epochs", "400", "--checkpoint", Folder, "--checkpoint-every", "1steps"))
        {
            _ = process.StandardOutput.ReadLine();
            _ = process.StandardOutput.ReadLine();
            Directory.Move(_folder[Folder], _folder["away"]);
            _ = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }

        Assert.True(File.Exists(Checkpoint(Newest)));
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
