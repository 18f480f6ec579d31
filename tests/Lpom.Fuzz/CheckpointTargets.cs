using Lpom.Cli;
using Lpom.Cli.Options;
using Lpom.Cli.Training;
using Lpom.Cli.Training.Checkpoints;
using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training;

namespace Lpom.Fuzz;

/// <summary>Checkpoints of a small run of every method, without the checksum that keeps damage from the reader: each is resumed, and the run goes on to its end.</summary>
internal static class CheckpointTargets
{
    private const int Epochs = 3, Batch = 4, Classes = 2;

    private static readonly Dataset Rows = NewRows();

    // Never asked to interrupt anything.
    private static readonly Interruption Interruption = new();

    public static IReadOnlyList<FuzzTarget> All { get; } = [.. TrainSettings.Methods.Select(Of)];

    private static FuzzTarget Of(string method)
    {
        TrainSettings settings = Settings(method, null, null);
        Type[] refusals = [typeof(InvalidDataException), typeof(EndOfStreamException), typeof(ModelFormatException)];
        return new FuzzTarget($"checkpoint-{method}", [.. Checkpoints(settings, out _), .. CheckpointsWithRestarts(method)], file => Resume(file, settings), refusals) { FixedBytes = 1 << 20 };
    }

    private static Action Resume(ScratchFile file, TrainSettings settings)
    {
        using TrainingRun run = NewRun(settings);
        using var stream = new MemoryStream(file.Bytes);
        Checkpoint.Head head = Checkpoint.ReadHead(stream);
        run.Resume(stream, head);
        TrainingOutcome outcome = run.Run(Interruption, new Recorder(null), _ => { }, restarted: _ => { });
        return () =>
        {
            Outcome.Check(outcome.Network);
            Outcome.Require(outcome.Epochs <= outcome.StoppedAfter && outcome.StoppedAfter <= Epochs, "the epochs are those of the run");
        };
    }

    /// <summary>The checkpoint in the middle of a run, of those after each step, epoch and restart, and the last.</summary>
    private static byte[][] Checkpoints(TrainSettings settings, out TrainingOutcome outcome)
    {
        var checkpoints = new List<byte[]>();
        RunIdentity identity = RunIdentity.Of(settings, Rows);
        using TrainingRun run = NewRun(settings);
        outcome = run.Run(Interruption, new Recorder(Write), _ => Write(), restarted: _ => Write());
        return [checkpoints[checkpoints.Count / 2], checkpoints[^1]];

        void Write()
        {
            using var stream = new MemoryStream();
            run.WriteCheckpoint(stream, identity);
            checkpoints.Add(stream.ToArray());
        }
    }

    /// <summary>Those of a run that diverges, and does not with smaller steps, so that it has a best network, too; none of a method that stands any size.</summary>
    private static byte[][] CheckpointsWithRestarts(string method)
    {
        bool hasRate = method != TrainSettings.PaperMethod;
        for (float size = 1e12f; size > 1; size /= 2)
        {
            byte[][] checkpoints = Checkpoints(Settings(method, hasRate ? size : null, hasRate ? null : 1 / size), out TrainingOutcome outcome);
            if (outcome.Restarts > 0 && outcome.Epochs > 0)
                return checkpoints;
        }

        return [];
    }

    private static TrainingRun NewRun(TrainSettings settings) => new(settings, Rows, [Seeds.Features, 2, Classes], Epochs);

    private static Dataset NewRows()
    {
        const int rows = 20;
        return Dataset.FromRows("rows", [.. Enumerable.Range(0, rows * Seeds.Features).Select(i => i * i % 7f)], [.. Enumerable.Range(0, rows).Select(i => i % Classes)], ["a", "b"]);
    }

    private static TrainSettings Settings(string method, float? rate, float? mu) => new()
    {
        Data = "rows",
        DataDir = null,
        Target = null,
        Resize = null,
        Layers = [2],
        Hidden = Activation.Of(default(Relu)),
        OutputActivation = "auto",
        Loss = Loss.LeastSquares,
        Init = null,
        AdaptiveMu = null,
        Method = method,
        Task = LearningTask.Classify,
        Epochs = Epochs,
        Batch = Batch,
        Seed = 1,
        Threads = 1,
        Mu = mu,
        LearningRate = rate,
        WeightDecay = null,
        LabelSmoothing = null,
        Dropout = 0,
        AveragedPart = method == TrainSettings.PaperMethod ? 0 : 0.5f,
        Patience = 2,
        Schedule = StepSchedule.Linear,
        Validation = Batch,
        Output = "",
        Checkpoint = null,
        Report = null,
        Log = null,
        Json = false,
        Quiet = true,
    };

    /// <summary>Has something done after every step.</summary>
    private sealed class Recorder(Action? step) : TrainingProgress
    {
        public override void During(Action training) => training();

        public override void Step(in StepReport report, int rows, int done) => step?.Invoke();
    }
}
