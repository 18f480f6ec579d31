using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

/// <summary>eval, predict and inspect of one trained model.</summary>
public sealed class ModelVerbTests(TrainedDigits digits) : IClassFixture<TrainedDigits>
{
    [Fact]
    public void Eval_gives_exactly_the_test_accuracy_that_train_reported()
    {
        JsonElement score = Run("eval", TrainedDigits.Model, "--data", "digits", "--json").Json[0];
        Assert.Equal(digits.Done.GetProperty("testAccuracy").GetRawText(), score.GetProperty("accuracy").GetRawText());
        Assert.Equal(digits.Ran.Json[0].GetProperty("testRows").GetInt32(), score.GetProperty("samples").GetInt32());
        Assert.True(score.GetProperty("loss").GetDouble() > 0);
    }

    [Fact]
    public void Eval_needs_no_data_option_for_named_data_and_speaks_to_people()
    {
        Ran ran = Run("eval", TrainedDigits.Model);
        Assert.Equal(0, ran.ExitCode);
        Assert.StartsWith("Accuracy 9", Assert.Single(ran.OutputLines));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("all")]
    public void Eval_of_other_rows(string split)
    {
        JsonElement score = Run("eval", TrainedDigits.Model, "--split", split, "--json").Json[0];
        int train = digits.Ran.Json[0].GetProperty("trainRows").GetInt32();
        Assert.Equal(split == "all" ? TrainedDigits.DigitsRaw.All.Rows : train, score.GetProperty("samples").GetInt32());
    }

    [Fact]
    public void Predict_of_all_rows_is_right_as_often_as_eval_says()
    {
        JsonElement[] answers = Run("predict", TrainedDigits.Model, "digits-inputs.csv", "--json").Json;
        Assert.Equal(TrainedDigits.DigitsRaw.All.Rows, answers.Length);
        int right = answers.Where((answer, i) => answer.GetProperty("label").GetInt32() == TrainedDigits.DigitsRaw.All.Label(i)).Count();
        double accuracy = Run("eval", TrainedDigits.Model, "--split", "all", "--json").Json[0].GetProperty("accuracy").GetDouble();
        Assert.Equal(accuracy, (double)right / answers.Length);
        Assert.All(answers, (answer, i) => Assert.Equal(i, answer.GetProperty("index").GetInt32()));
        Assert.Equal(10, answers[0].GetProperty("scores").GetArrayLength());
    }

    [Fact]
    public void Predict_says_when_the_class_column_is_still_there() =>
        Assert.Contains("class column", LpomProcess.Run(digits.FullName, environment: null, $"{Row},3\n", "predict", TrainedDigits.Model).AssertBadInput());

    [Fact]
    public void Predict_refuses_images_of_another_size()
    {
        File.WriteAllBytes(digits["images.idx"], IdxFiles.Images(3));
        Assert.Contains("4×4", Run("predict", TrainedDigits.Model, "images.idx").AssertBadInput());
    }

    [Fact]
    public void Inspect_shows_architecture_parameters_and_metadata()
    {
        JsonElement model = Run("inspect", TrainedDigits.Model, "--json").Json[0];
        Assert.Equal("64-128-10", model.GetProperty("layers").GetString());
        Assert.Equal(9610, model.GetProperty("parameters").GetInt32());
        Assert.Equal("relu", model.GetProperty("architecture")[0].GetProperty("activation").GetString());
        JsonElement metadata = model.GetProperty("metadata");
        Assert.Equal("digits", metadata.GetProperty("data").GetString());
        Assert.Equal("1", metadata.GetProperty("seed").GetString());
        Assert.Equal(digits.Done.GetProperty("testAccuracy").GetRawText(), metadata.GetProperty("test-accuracy").GetString());
        Assert.Contains("64-128-10", Run("inspect", TrainedDigits.Model).OutputLines[0]);
    }

    [Fact]
    public void Metadata_has_nothing_of_this_machine()
    {
        string text = Run("inspect", TrainedDigits.Model).Output;
        Assert.DoesNotContain(Environment.MachineName, text);
        Assert.DoesNotContain(digits.FullName, text);
        Assert.DoesNotContain("threads", text);
    }

    [Theory]
    [InlineData("eval")]
    [InlineData("inspect")]
    [InlineData("predict")]
    public void A_model_cut_off_at_any_byte_is_bad_input(string verb)
    {
        byte[] whole = File.ReadAllBytes(digits[TrainedDigits.Model]);
        int[] lengths = [0, 7, 9, 300, whole.Length / 2, whole.Length - 1];
        foreach (int length in lengths)
        {
            string name = $"{verb}-{length}.safetensors";
            File.WriteAllBytes(digits[name], whole[..length]);
            Assert.Contains(name, Run(verb, name).AssertBadInput());
        }
    }

    [Theory]
    [InlineData("eval", "nowhere.safetensors")]
    [InlineData("eval", ".")]
    [InlineData("inspect", "digits-inputs.csv")]
    [InlineData("predict", "model.safetensors", "nowhere.csv")]
    [InlineData("eval", "model.safetensors", "--data", "mnist")]
    [InlineData("eval", "model.safetensors", "--data", "small.csv")]
    public void Wrong_files_are_bad_input(params string[] arguments)
    {
        File.WriteAllText(digits["small.csv"], "1,2,a\n3,4,b\n1,2,a\n5,6,b\n");
        Run(arguments).AssertBadInput();
    }

    [Fact]
    public void Scores_that_are_not_finite_are_a_bad_row()
    {
        // Values near float32's limit overflow in a model that scales them up.
        string model = Altered(@"""input-scale"":""0.0625""", @"""input-scale"":""100""");
        string huge = string.Join(',', Enumerable.Repeat("3e38", 64));
        string[] command = ["predict", model, "-", "--json"];
        Ran stopped = LpomProcess.Run(digits.FullName, environment: null, $"{Row}\n{huge}\n{Row}\n", command);
        Assert.Equal((2, 1), (stopped.ExitCode, stopped.OutputLines.Length));
        Assert.Contains("line 2", Assert.Single(stopped.ErrorLines));
        Ran skipped = LpomProcess.Run(digits.FullName, environment: null, $"{Row}\n{huge}\n{Row}\n", [.. command, "--on-error", "skip"]);
        Assert.Equal(0, skipped.ExitCode);
        Assert.Equal([false, true, false], skipped.Json.Select(a => a.TryGetProperty("error", out _)));

        File.WriteAllLines(digits["huge.csv"], Enumerable.Range(0, 20).Select(i => $"{huge},{i % 10}"));
        Assert.Contains("not a finite number", Run("eval", model, "--data", "huge.csv", "--split", "all", "--json").AssertBadInput());
    }

    [Fact]
    public void Predict_reads_gzip_files_and_names_the_class()
    {
        using (var gzip = new System.IO.Compression.GZipStream(File.Create(digits["rows.csv.gz"]), System.IO.Compression.CompressionLevel.Fastest))
            gzip.Write(System.Text.Encoding.UTF8.GetBytes($"{Row}\n{Row}\n"));
        JsonElement[] answers = Run("predict", TrainedDigits.Model, "rows.csv.gz", "--json").Json;
        Assert.Equal(["0", "0"], answers.Select(a => a.GetProperty("class").GetString()));
        Ran piped = LpomProcess.Run(digits.FullName, environment: null, "\0\0\b\u0003", "predict", TrainedDigits.Model, "--on-error", "skip");
        Assert.Contains("IDX", piped.AssertBadInput());
    }

    [Fact]
    public void A_header_of_column_numbers_is_no_sample()
    {
        string numbers = string.Join(',', Enumerable.Range(0, 64));
        Assert.Single(LpomProcess.Run(digits.FullName, environment: null, $"{numbers}\n{Row}\n", "predict", TrainedDigits.Model).OutputLines);
    }

    [Fact]
    public void Eval_says_when_it_measures_a_part_of_other_data()
    {
        File.WriteAllLines(digits["other.csv"], File.ReadLines(digits["digits-inputs.csv"]).Take(600).Select((row, i) => $"{row},{i % 10}"));
        Ran part = Run("eval", TrainedDigits.Model, "--data", "other.csv");
        Assert.Contains("--split all", Assert.Single(part.ErrorLines));
        Assert.Equal("", Run("eval", TrainedDigits.Model, "--data", "other.csv", "--split", "all").Errors);
        Assert.Equal("", Run("eval", TrainedDigits.Model, "--data", "digits").Errors);
    }

    [Theory]
    [InlineData("a", "a", 2, "'a' twice")]
    [InlineData(@"\\u001b[2Ja", "b", 0, "?[2Ja")]
    public void Class_names_in_the_file_are_checked_and_printed_safely(string zero, string one, int code, string expected)
    {
        string model = Altered(@"\u00220\u0022,\u00221\u0022", $@"\u0022{zero}\u0022,\u0022{one}\u0022");
        Ran ran = LpomProcess.Run(digits.FullName, environment: null, $"{Row}\n", "predict", model);
        Assert.Equal(code, ran.ExitCode);
        Assert.DoesNotContain('\e', ran.Output + ran.Errors);
        Assert.Contains(expected, ran.Output + ran.Errors);
    }

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("int8")]
    public void Weights_of_fewer_bits_change_scores_and_hardly_accuracy(string precision)
    {
        string[] rows = [.. File.ReadLines(digits["digits-inputs.csv"]).Take(20)];
        File.WriteAllLines(digits["twenty.csv"], rows);
        string exact = Run("predict", TrainedDigits.Model, "twenty.csv", "--json").Output;
        Ran rounded = Run("predict", TrainedDigits.Model, "twenty.csv", "--json", "--precision", precision);
        Assert.Equal((0, rows.Length), (rounded.ExitCode, rounded.Json.Length));
        Assert.NotEqual(exact, rounded.Output);
        Assert.Equal(exact, Run("predict", TrainedDigits.Model, "twenty.csv", "--json", "--precision", "float32").Output);
        double accuracy = Run("eval", TrainedDigits.Model, "--precision", precision, "--json").Json[0].GetProperty("accuracy").GetDouble();
        Assert.Equal(digits.Done.GetProperty("testAccuracy").GetDouble(), accuracy, 0.01);
    }

    [Fact]
    public void Inspect_quantize_says_what_each_precision_costs()
    {
        Ran ran = Run("inspect", TrainedDigits.Model, "--quantize", "--json");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        JsonElement[] lines = ran.Json;
        Assert.Equal(["float32", "bfloat16", "int8"], lines.Select(l => l.GetProperty("precision").GetString()));
        // 64·128 + 128·10 weights; of 8 bits, with a scale for each of 138 outputs.
        Assert.Equal([37888, 18944, 10024], lines.Select(l => l.GetProperty("weightBytes").GetInt32()));
        Assert.All(lines, l => Assert.True(l.GetProperty("p50us").GetDouble() > 0));
        double exact = lines[0].GetProperty("accuracy").GetDouble();
        Assert.Equal(digits.Done.GetProperty("testAccuracy").GetDouble(), exact);
        Assert.All(lines, l => Assert.Equal(100 * (l.GetProperty("accuracy").GetDouble() - exact), l.GetProperty("accuracyPoints").GetDouble(), 3));
        foreach (JsonElement line in lines)
        {
            JsonElement evaluated = Run("eval", TrainedDigits.Model, "--json", "--precision", line.GetProperty("precision").GetString()!).Json[0];
            Assert.Equal(evaluated.GetProperty("accuracy").GetRawText(), line.GetProperty("accuracy").GetRawText());
        }
    }

    [Fact]
    public void Inspect_quantize_takes_digits_for_an_unknown_model_of_their_shape_and_data_for_others()
    {
        string model = Altered(@"""data"":""digits"",", "");
        Ran ran = Run("inspect", model, "--quantize");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Errors));
        Assert.Contains("rows of digits", ran.OutputLines[0]);
        Assert.Equal(3, ran.OutputLines.Count(l => l.Contains(" points")));
        Assert.Contains("give --data, rows of 64 values", Run("eval", model).AssertBadInput());
        File.WriteAllLines(digits["narrow.csv"], Enumerable.Range(0, 20).Select(i => $"{i},{i % 10}"));
        Assert.Contains("takes 64", Run("inspect", TrainedDigits.Model, "--quantize", "--data", "narrow.csv").AssertBadInput());
        Assert.Contains("--split: goes with --quantize only", Run("inspect", TrainedDigits.Model, "--split", "all").AssertBadInput());
        Assert.Contains("did you mean 'int8'", Run("eval", TrainedDigits.Model, "--precision", "int9").AssertBadInput());
    }

    /// <summary>A copy of the model with other text in its header, which is JSON behind 8 bytes of its length.</summary>
    private string Altered(string text, string replacement)
    {
        const string Name = "altered.safetensors";
        byte[] model = File.ReadAllBytes(digits[TrainedDigits.Model]);
        int length = (int)BitConverter.ToInt64(model);
        string header = System.Text.Encoding.UTF8.GetString(model, 8, length);
        Assert.Contains(text, header);
        byte[] altered = System.Text.Encoding.UTF8.GetBytes(header.Replace(text, replacement, StringComparison.Ordinal).TrimEnd());
        byte[] padding = Enumerable.Repeat((byte)' ', (8 - (altered.Length % 8)) % 8).ToArray();
        File.WriteAllBytes(digits[Name], [.. BitConverter.GetBytes((long)(altered.Length + padding.Length)), .. altered, .. padding, .. model.AsSpan(8 + length)]);
        return Name;
    }

    private string Row => File.ReadLines(digits["digits-inputs.csv"]).First();

    private Ran Run(params string[] arguments) => LpomProcess.Run(digits.FullName, arguments);
}
