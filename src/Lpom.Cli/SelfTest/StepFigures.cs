using System.Diagnostics;
using Lpom.Cli.Options;
using Lpom.Cli.Training;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Model;
using Lpom.Simd.Training;

namespace Lpom.Cli.SelfTest;

/// <summary>Where the time of a network's training steps goes.</summary>
/// <param name="Steps">Steps measured, after others to warm up.</param>
/// <param name="StepsPerSecond">Of all threads together.</param>
/// <param name="GemmPeakFraction">The part of the machine's peak that a thread reaches while it is at products.</param>
/// <param name="Shares">Shares of threads × wall time.</param>
internal sealed record StepFigures(int Steps, double StepsPerSecond, double GemmPeakFraction, WorkShares Shares)
{
    /// <summary>Rows of a step, as <c>train</c> has by default.</summary>
    public const int Batch = 100;

    private const int Batches = 16;

    // As long as the paper's run on MNIST; when a fast machine gets farther, steps do the same work with a factor of zero.
    private const int ScheduledSteps = 17 * 600;

    /// <summary>Trains for some time as <c>train</c> does, on random samples.</summary>
    /// <param name="settings">The method, and its settings.</param>
    /// <param name="widths">Inputs, hidden widths, outputs.</param>
    /// <param name="machine">Its peak and threads.</param>
    /// <param name="time">For how long.</param>
    /// <returns>With the network that the training started from.</returns>
    /// <exception cref="WorkFailedException">The training diverged.</exception>
    public static (Network Start, StepFigures Figures) Measure(TrainSettings settings, int[] widths, MachineFigures machine, TimeSpan time)
    {
        var samples = new RandomSamples(Batch * Batches, widths[0], widths[^1]);
        (Network start, Trainer trainer) = TrainerFactory.Create(settings, samples, widths, Batch, ScheduledSteps);
        using Trainer owned = trainer;
        WorkProfile profile = trainer.AttachProfile();
        int warmUp = Train(trainer, samples, 0, new TimeBox(time / 4));
        profile.Clear();
        long begin = Stopwatch.GetTimestamp();
        int steps = Train(trainer, samples, warmUp, new TimeBox(time * 3 / 4));
        long ticks = Stopwatch.GetTimestamp() - begin;
        return (start, new StepFigures(
            steps, steps * (double)Stopwatch.Frequency / ticks, profile.ProductGflops / machine.PeakGflops, profile.Shares(ticks)));
    }

    private static int Train(Trainer trainer, RandomSamples samples, int firstStep, TimeBox box)
    {
        int[] rows = new int[Batch];
        int steps = 0;
        do
        {
            int row = (firstStep + steps) % Batches * Batch;
            for (int i = 0; i < Batch; i++)
                rows[i] = row + i;
            StepReport report = trainer is RowTrainer onRows
                ? onRows.StepOnRows(rows, samples.Labels(row, Batch))
                : trainer.Step(samples.Inputs(row, Batch), samples.Labels(row, Batch));
            if (report.Diverged)
                throw new WorkFailedException($"training on random samples diverged: {report.Divergence}; try other --layers");
            steps++;
        }
        while (!box.IsOver);
        return steps;
    }
}
