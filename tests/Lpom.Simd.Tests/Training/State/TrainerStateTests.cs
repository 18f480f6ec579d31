using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Training;
using Lpom.Simd.Training.BackPropagation;
using Lpom.Simd.Training.Paper;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Training.State;

public class TrainerStateTests
{
    private const int Rows = 60, Batch = 12, Steps = 70;

    private static readonly Matrix Data = PredictionTests.RandomMatrix(Rows, 9, 5);

    private static readonly Dictionary<string, Func<Trainer>> Trainers = new()
    {
        ["streaming"] = () => Streaming([9, 8, 7, 4], new StreamingOptions()),
        ["streaming, low rank"] = () => Streaming([9, 400, 4], new StreamingOptions { InputDropout = 0.1f }),
        ["streaming, averaged, adaptive"] = () => Streaming([9, 8, 4], new StreamingOptions { AveragedPart = 0.5f, AdaptiveMu = true }),
        ["sgd"] = () => BackPropagation(Optimizer.Sgd),
        ["adam"] = () => BackPropagation(Optimizer.Adam),
        ["paper"] = () => Paper(weightSteps: 1),
        ["paper, Nesterov"] = () => Paper(weightSteps: 3),
    };

    public static TheoryData<string, int> Interruptions
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (string kind in Trainers.Keys)
            {
                // Before the first step, in the first refreshes of the inverses, in the average, at the end.
                foreach (int step in new[] { 0, 1, 4, 37, 69 }) data.Add(kind, step);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Interruptions))]
    public void Training_goes_on_to_the_same_bits(string kind, int interruptedBefore)
    {
        using Trainer whole = Trainers[kind](), first = Trainers[kind](), second = Trainers[kind]();
        Train(whole, 0, Steps);
        Train(first, 0, interruptedBefore);
        using MemoryStream state = StateOf(first);
        second.LoadState(state);
        Assert.Equal(state.Length, state.Position);
        Train(second, interruptedBefore, Steps);
        Assert.Equal(Bytes(whole), Bytes(second));
    }

    [Fact]
    public void A_state_that_is_cut_off_anywhere_is_refused()
    {
        using Trainer trainer = Trainers["streaming"]();
        Train(trainer, 0, 2);
        byte[] whole = StateOf(trainer).ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            using var cut = new MemoryStream(whole, 0, length);
            Assert.ThrowsAny<IOException>(() => trainer.LoadState(cut));
        }
    }

    [Theory]
    [InlineData("streaming", "sgd", "The state is of a BackPropagationTrainer, not of a StreamingTrainer.")]
    [InlineData("streaming, low rank", "streaming", "The state has a matrix [8 × 10] where the trainer has [400 × 10].")]
    [InlineData("adam", "sgd", "The state has End where the trainer has Matrix")]
    public void The_state_of_another_trainer_is_refused(string kind, string other, string message)
    {
        using Trainer trainer = Trainers[kind](), wrong = Trainers[other]();
        using MemoryStream state = StateOf(wrong);
        Assert.StartsWith(message, Assert.Throws<InvalidDataException>(() => trainer.LoadState(state)).Message);
    }

    [Fact]
    public void What_is_no_state_or_of_another_version_is_refused()
    {
        using Trainer trainer = Trainers["streaming"]();
        byte[] state = StateOf(trainer).ToArray();
        Assert.Equal("This is no trainer's state.", Refusal(trainer, state, at: 0, value: 0));
        Assert.Equal("The trainer's state has version 77, this program reads version 1.", Refusal(trainer, state, at: 8, value: 77));
        Assert.Equal("This is no trainer's state.", Refusal(trainer, state, at: 12, value: 0x7F));
        Assert.Equal("This is no trainer's state.", Refusal(trainer, state, at: 12, value: 0xFF));
    }

    [Fact]
    public void A_state_with_a_value_that_training_cannot_have_is_refused()
    {
        using Trainer trainer = Trainers["adam"]();
        Train(trainer, 0, 1);
        byte[] state = StateOf(trainer).ToArray();
        // Behind header, kind, tag and shape: row 1, column 2 of the first weights [8 × 10].
        int firstMatrix = 13 + state[12] + 9;
        Assert.Equal(
            "The state has a matrix [8 × 10] with NaN in row 1, column 2, expected finite values.",
            Refusal(trainer, state, firstMatrix + (4 * 12), [0, 0, 0xC0, 0x7F]));
        // Behind both weights, the loss's mean and scale: the steps.
        int steps = firstMatrix + 320 + 9 + (4 * 9 * 4) + 9 + 9 + 1;
        Assert.Equal("The state has a count of -2, expected at least 0.", Refusal(trainer, state, steps, [0xFE, 0xFF, 0xFF, 0xFF]));
        Assert.Equal("The state has a value of Infinity, expected a finite one.", Refusal(trainer, state, steps - 9, [0, 0, 0, 0, 0, 0, 0xF0, 0x7F]));
    }

    [Fact]
    public void A_state_that_could_not_be_read_is_not_written()
    {
        using Trainer trainer = Trainers["sgd"]();
        trainer.VisitState(new Poisoner(matrix: 0));
        Assert.Contains("with NaN in row 0, column 0", Assert.Throws<InvalidDataException>(() => StateOf(trainer)).Message);
    }

    private static string Refusal(Trainer trainer, byte[] state, int at, byte[] values)
    {
        byte[] changed = [.. state];
        values.CopyTo(changed, at);
        using var stream = new MemoryStream(changed);
        return Assert.Throws<InvalidDataException>(() => trainer.LoadState(stream)).Message;
    }

    private static string Refusal(Trainer trainer, byte[] state, int at, byte value)
    {
        byte[] changed = [.. state];
        changed[at] = value;
        using var stream = new MemoryStream(changed);
        return Assert.Throws<InvalidDataException>(() => trainer.LoadState(stream)).Message;
    }

    private static void Train(Trainer trainer, int first, int end)
    {
        for (int step = first; step < end; step++)
        {
            var random = new Rng(7, (ulong)step);
            int[] rows = [.. Enumerable.Range(0, Batch).Select(_ => random.NextInt(Rows))], labels = [.. rows.Select(row => row % 4)];
            var inputs = new Matrix(Batch, Data.Cols);
            for (int i = 0; i < Batch; i++) Data.View.Row(rows[i]).CopyTo(inputs.View.Row(i));
            Assert.False(trainer.Step(inputs.View, labels).Diverged);
        }
    }

    private static MemoryStream StateOf(Trainer trainer)
    {
        var stream = new MemoryStream();
        trainer.SaveState(stream);
        stream.Position = 0;
        return stream;
    }

    private static byte[] Bytes(Trainer trainer)
    {
        using var stream = new MemoryStream();
        trainer.ToNetwork().Save(stream);
        return stream.ToArray();
    }

    private static StreamingTrainer Streaming(int[] widths, StreamingOptions options) =>
        new(Start(widths, hasBiases: true), options with { TotalSteps = Steps, MaxBatch = Batch, Threads = 1 }, new MatrixRows(Data));

    private static BackPropagationTrainer BackPropagation(Optimizer optimizer) =>
        new(Start([9, 8, 4], hasBiases: true), new BackPropagationOptions { Optimizer = optimizer, TotalSteps = Steps, MaxBatch = Batch, Threads = 1 }, new MatrixRows(Data));

    private static PaperTrainer Paper(int weightSteps) => new(
        Start([9, 8, 4], hasBiases: false),
        new PaperOptions { WeightSteps = weightSteps, Schedule = StepSchedule.Linear, TotalSteps = Steps, MaxBatch = Batch, Threads = 1 });

    private static Network Start(int[] widths, bool hasBiases) => NetworkInit.Glorot(
        widths, Activation.Of(default(Relu)), Activation.Of(default(Identity)), hasBiases ? Loss.CrossEntropy : Loss.LeastSquares, seed: 3, hasBiases);
}
